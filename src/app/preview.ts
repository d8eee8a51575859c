import { isAbort } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../core/options.ts';
import type { PreviewEvent, PreviewPlan, PreviewRequest } from '../workers/protocol.ts';
import type { PreviewSession } from '../workers/preview-client.ts';
import type { Picture, Problem } from './picture.ts';
import { problemOf, refusalText } from './error-text.ts';
import { Store } from './store.ts';

/** How the picture that is looked at stands. */
export type PreviewState =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly picture: Picture }
  | {
      readonly kind: 'open';
      readonly picture: Picture;
      readonly session: PreviewSession;
      /** 0..1 of the source that is decoded. */
      readonly decoded: number;
      /** What is shown, and what would become of the picture with it. */
      readonly options: JobOptions;
      readonly plan: PreviewPlan;
    }
  | { readonly kind: 'failed'; readonly picture: Picture; readonly problem: Problem };

export type OpenPreview = Extract<PreviewState, { kind: 'open' }>;

/** Opens previews; the engine's `openPreview`. */
export type OpenSession = (
  request: PreviewRequest,
  control: { readonly signal: AbortSignal; readonly onEvent: (event: PreviewEvent) => void },
) => Promise<PreviewSession>;

const NONE: PreviewState = { kind: 'none' };

/** Milliseconds between the last change of a setting and the new preview: sliders and typed numbers change often. */
const SETTLE_MS = 150;

/**
 * The preview of the selected picture: opened when one is selected and somebody looks, planned anew when settings change, closed with the
 * selection. Only one picture is decoded at a time.
 */
export class PreviewController extends Store<PreviewState> {
  readonly #open: OpenSession;
  #opening: AbortController | null = null;
  #planned = 0;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #wanted: JobOptions = DEFAULT_OPTIONS;

  constructor(open: OpenSession) {
    super(NONE);
    this.#open = open;
  }

  /** Looks at a picture with these options; null looks at none, and frees everything. */
  look(picture: Picture | null, options: JobOptions): void {
    const wanted = shownOptions(options);
    const state = this.value;
    const seen = picture?.info == null ? null : picture;
    if (seen === null) {
      this.#close();
      this.set(NONE);
      return;
    }
    if (state.kind === 'none' || state.picture.id !== seen.id) {
      this.#close();
      this.#wanted = wanted;
      void this.#start(seen);
      return;
    }
    if (JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return;
    this.#wanted = wanted;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => void this.#replan(), SETTLE_MS);
  }

  /** Opens the picture again, after it failed. */
  retry(): void {
    const state = this.value;
    if (state.kind !== 'failed') return;
    this.#close();
    void this.#start(state.picture);
  }

  #close(): void {
    this.#opening?.abort();
    this.#opening = null;
    clearTimeout(this.#settle);
    this.#planned++;
    if (this.value.kind === 'open') void this.value.session.close();
  }

  async #start(picture: Picture): Promise<void> {
    const opening = new AbortController();
    this.#opening = opening;
    this.set({ kind: 'opening', picture });
    let decoded = 0;
    let session: PreviewSession | null = null;
    try {
      session = await this.#open(
        { source: picture.file, sourceName: picture.name },
        {
          signal: opening.signal,
          onEvent: (event) => {
            if (opening.signal.aborted) return;
            if (event.kind === 'decoded') decoded = event.fraction;
            this.#onEvent(picture, event);
          },
        },
      );
      opening.signal.throwIfAborted();
      const options = this.#wanted;
      const plan = await session.describe(options);
      opening.signal.throwIfAborted();
      this.set({ kind: 'open', picture, session, decoded, options, plan });
      if (options !== this.#wanted) void this.#replan();
    } catch (error) {
      // Nobody else knows of it yet.
      void session?.close();
      if (opening.signal.aborted || isAbort(error)) return;
      this.set({ kind: 'failed', picture, problem: problemOf(error) });
    }
  }

  #onEvent(picture: Picture, event: PreviewEvent): void {
    const state = this.value;
    if (state.kind !== 'open' || state.picture.id !== picture.id) return;
    if (event.kind === 'decoded') {
      this.set({ ...state, decoded: event.fraction });
      return;
    }
    this.#close();
    this.set({ kind: 'failed', picture, problem: refusalText(event.error) });
  }

  async #replan(): Promise<void> {
    const state = this.value;
    if (state.kind !== 'open') return;
    const turn = ++this.#planned;
    const options = this.#wanted;
    try {
      const plan = await state.session.describe(options);
      const now = this.value;
      if (turn !== this.#planned || now.kind !== 'open') return;
      this.set({ ...now, options, plan });
    } catch (error) {
      if (turn !== this.#planned || isAbort(error)) return;
      this.#close();
      this.set({ kind: 'failed', picture: state.picture, problem: problemOf(error) });
    }
  }
}

/** The options without what no pixel depends on, so that changing it computes nothing anew. */
function shownOptions(options: JobOptions): JobOptions {
  const { level, metadata, dpi, hooks } = DEFAULT_OPTIONS;
  return { ...options, level, metadata, dpi, hooks };
}

/**
 * The source in the frame of the result: every pixel as it is, or smoothed as browsers and televisions do. Where the result is smaller
 * than the source, a whole multiple of its size, so that no pixel of the source is lost.
 */
export function sourceOptions(
  { edit, background }: Pick<JobOptions, 'edit' | 'background'>,
  output: Size,
  source: Size,
  smooth: boolean,
): { readonly options: JobOptions; readonly size: Size } {
  const times = Math.max(1, Math.ceil(Math.max(source.width / output.width, source.height / output.height) - 1e-9));
  const size = { width: output.width * times, height: output.height * times };
  return {
    size,
    options: {
      ...DEFAULT_OPTIONS,
      edit,
      background,
      kernel: smooth ? 'bilinear' : 'nearest',
      target: { kind: 'exact', ...size },
      // The format that takes any size and any samples.
      format: 'tiff',
    },
  };
}
