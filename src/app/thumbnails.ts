import { isAbort, isPartMissing } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { bytesPerPixel } from '../core/pixels.ts';
import type { PreviewSession } from '../workers/preview-client.ts';
import { makeThumbnail, thumbnailFile, thumbnailSize } from '../platform/thumbnails.ts';
import type { Picture } from './picture.ts';
import { sourceOptions, type OpenSession, type PreviewState } from './preview.ts';
import type { QueueState } from './queue.ts';
import type { Store } from './store.ts';

/**
 * The most bytes of pixels that are decoded for a thumbnail: 44 megapixels of 8-bit RGB. It is what a preview holds in memory on the
 * smallest device, so that no thumbnail goes by way of the disk.
 */
const MOST_BYTES = 128 << 20;

/** Pixels of the long side of a thumbnail in the list, and of one in the history. */
const LIST_SIDE = 160;
const HISTORY_SIDE = 128;

interface Sources {
  readonly open: OpenSession;
  /** The picture that is looked at. */
  readonly preview: Store<PreviewState>;
  readonly queue: Store<QueueState>;
}

interface Ask {
  readonly picture: Picture;
  readonly signal: AbortSignal;
  readonly settle: (bitmap: ImageBitmap | null) => void;
}

/**
 * Small copies of pictures. Those that the browser does not decode, or shows in wrong colours, are decoded as previews are, one after
 * another, each in a worker that ends with it; never beside a job or a preview that decodes, whose memory and cores they are. Large copies,
 * for which somebody waits, come from the preview of the picture, or are decoded at once in its place.
 */
export class Thumbnails {
  readonly #sources: Sources;
  /** In the order in which they were asked for. */
  #asks: readonly Ask[] = [];
  /** Made by ourselves they cost too much to be made whenever a row comes back into sight. Null where our own decoders have failed. */
  readonly #kept = new WeakMap<Blob, Blob | null>();
  #working = false;
  #interrupt: AbortController | null = null;
  /** A decoder could not be loaded. What needs one waits for a connection. */
  #cutOff = false;
  /** Large copies that are being decoded beside the preview; the list waits for them. */
  #large = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
    sources.preview.subscribe(() => this.#wake());
    sources.queue.subscribe(() => {
      if (sources.queue.value.running) this.#interrupt?.abort();
      else this.#wake();
    });
  }

  /**
   * A small upright copy for the list. Null where there can be none, and when `signal` is aborted; it may take until a job has ended.
   * The caller closes the bitmap.
   */
  async make(picture: Picture, signal: AbortSignal): Promise<ImageBitmap | null> {
    const known = await this.atOnce(picture, LIST_SIDE);
    if (known !== null || !isOurs(picture.info) || this.#kept.get(picture.file) === null) return known;
    if (signal.aborted) return null;
    return new Promise<ImageBitmap | null>((resolve) => {
      const drop = (): void => ask.settle(null);
      const ask: Ask = {
        ...{ picture, signal },
        settle: (bitmap) => {
          if (!this.#asks.includes(ask)) bitmap?.close();
          signal.removeEventListener('abort', drop);
          this.#asks = this.#asks.filter((other) => other !== ask);
          resolve(bitmap);
        },
      };
      signal.addEventListener('abort', drop, { once: true });
      this.#asks = [...this.#asks, ask];
      this.#wake();
    });
  }

  /**
   * A small upright copy whose long side is at most `longSide` pixels, by the browser, or the one of the list where that was made by
   * ourselves. The caller closes the bitmap.
   */
  async atOnce({ file, size, info }: Picture, longSide: number): Promise<ImageBitmap | null> {
    if (size === null) return null;
    const kept = this.#kept.get(file) ?? null;
    if (kept !== null) return createImageBitmap(kept).catch(() => null);
    return isCmyk(info) ? null : makeThumbnail(file, size, longSide);
  }

  /**
   * An upright copy to work on, whose long side is at most `longSide` pixels: by the browser where it can be relied on, or else of the
   * preview as soon as that is wholly decoded, or, where the picture is not looked at, by a decoder of its own. Of pictures of any size,
   * also beside a job, as previews are. Null where no decoder reads the picture, and when `signal` is aborted. The caller closes the
   * bitmap.
   */
  async large(picture: Picture, longSide: number, signal: AbortSignal): Promise<ImageBitmap | null> {
    const { file, size, info } = picture;
    if (size === null) return null;
    const known = isOurs(info) ? null : await makeThumbnail(file, size, longSide);
    if (known !== null) return known;
    while (!signal.aborted) {
      const seen = await this.#settled(picture, signal);
      try {
        signal.throwIfAborted();
        if (seen !== null) return await shrink(seen, longSide, signal);
        return await this.#decodeLarge(picture, longSide, signal);
      } catch (error) {
        // The preview was closed meanwhile: the next one, or a decoder of its own, may have it.
        const isClosed = isAbort(error) && seen !== null && this.#decoded(picture) !== seen;
        if (!isClosed) return null;
      }
    }
    return null;
  }

  /** As `atOnce`, as a small file for the history. */
  async file(picture: Picture): Promise<Blob | null> {
    const kept = this.#kept.get(picture.file) ?? null;
    if (kept !== null) return kept;
    const bitmap = await this.atOnce(picture, HISTORY_SIDE);
    return bitmap === null ? null : thumbnailFile(bitmap);
  }

  /** Goes on where a part of the app was missing, which may be there now. */
  retry(): void {
    this.#cutOff = false;
    this.#wake();
  }

  #wake(): void {
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let ask = this.#next(); ask !== undefined; ask = this.#next()) await this.#answer(ask);
    this.#working = false;
  }

  /** What is decoded anyway comes first, at any time; the rest needs quiet. */
  #next(): Ask | undefined {
    const { preview, queue } = this.#sources;
    const { kind } = preview.value;
    const looksUp = kind === 'opening' || (kind === 'open' && preview.value.decoded < 1);
    const free = this.#asks.find(({ picture }) => this.#decoded(picture) !== null);
    if (free !== undefined || queue.value.running || looksUp || this.#large > 0 || this.#cutOff) return free;
    return this.#asks.find(({ picture }) => decodedBytes(picture.info!) <= MOST_BYTES);
  }

  /** The preview of the picture, if it is looked at and wholly decoded. */
  #decoded({ id }: Picture): PreviewSession | null {
    const state = this.#sources.preview.value;
    const isIt = state.kind === 'open' && state.picture.id === id && state.decoded === 1 && !state.session.ended;
    return isIt ? state.session : null;
  }

  /** As `#decoded`, once the preview is no longer opening or decoding; null also when `signal` is aborted. */
  async #settled(picture: Picture, signal: AbortSignal): Promise<PreviewSession | null> {
    const { preview } = this.#sources;
    const isComing = (): boolean => {
      const state = preview.value;
      if (signal.aborted || state.kind === 'none' || state.picture.id !== picture.id) return false;
      return state.kind === 'opening' || (state.kind === 'open' && state.decoded < 1 && !state.session.ended);
    };
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (isComing()) return;
        leave();
        signal.removeEventListener('abort', look);
        resolve();
      };
      const leave = preview.subscribe(look);
      signal.addEventListener('abort', look);
      look();
    });
    return signal.aborted ? null : this.#decoded(picture);
  }

  async #answer(ask: Ask): Promise<void> {
    const { picture } = ask;
    const interrupt = new AbortController();
    this.#interrupt = interrupt;
    const signal = AbortSignal.any([ask.signal, interrupt.signal]);
    const seen = this.#decoded(picture);
    try {
      const bitmap =
        seen === null ? await this.#decode(picture, LIST_SIDE, signal) : await shrink(seen, LIST_SIDE, ask.signal);
      ask.settle(await this.#keep(picture.file, bitmap));
    } catch (error) {
      // Interrupted by a job, or by the end of its preview, it gets another turn.
      if (isAbort(error) && (interrupt.signal.aborted || this.#decoded(picture) !== seen)) return;
      if (isPartMissing(error)) {
        this.#cutOff = true;
        return;
      }
      if (!isAbort(error)) this.#kept.set(picture.file, null);
      ask.settle(null);
    } finally {
      this.#interrupt = null;
    }
  }

  /** In the place of what is decoded for the list, which begins again after it. */
  async #decodeLarge(picture: Picture, longSide: number, signal: AbortSignal): Promise<ImageBitmap> {
    this.#large++;
    this.#interrupt?.abort();
    try {
      return await this.#decode(picture, longSide, signal);
    } finally {
      this.#large--;
      this.#wake();
    }
  }

  async #decode({ file, name }: Picture, longSide: number, signal: AbortSignal): Promise<ImageBitmap> {
    const session = await this.#sources.open({ source: file, sourceName: name }, { signal, onEvent: () => undefined });
    try {
      return await shrink(session, longSide, signal);
    } finally {
      await session.close();
    }
  }

  async #keep(file: Blob, bitmap: ImageBitmap): Promise<ImageBitmap> {
    const kept = await thumbnailFile(bitmap);
    this.#kept.set(file, kept);
    return createImageBitmap(kept);
  }
}

/** Browsers decode CMYK without its profile, and some inverted. */
const isCmyk = (info: SourceInfo | null): boolean => info?.model === 'cmyk';

/** Where a browser fails that our own decoders can read. */
const isOurs = (info: SourceInfo | null): boolean =>
  info !== null && (isCmyk(info) || info.format === 'tiff' || info.format === 'jxl');

/** What the pixels take; twice where a picture that is decoded whole, or turned, lies beside them. */
function decodedBytes(info: SourceInfo): number {
  const isTwice = info.format === 'jxl' || info.progressive || info.metadata.orientation !== 1;
  return info.width * info.height * bytesPerPixel(info) * (isTwice ? 2 : 1);
}

/** The unedited source as the viewer shows it from afar. */
function shrink(session: PreviewSession, longSide: number, signal: AbortSignal): Promise<ImageBitmap> {
  const { upright } = session.source;
  const { options } = sourceOptions(DEFAULT_OPTIONS, upright, upright, true);
  const size = thumbnailSize(upright, longSide);
  return session.tile({ kind: 'picture', options }, { size, rect: { x: 0, y: 0, ...size } }, signal);
}
