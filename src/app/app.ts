import { msg, str } from '@lit/localize';
import { AppError } from '../core/errors.ts';
import type { FormatMeta, SourceInfo } from '../core/formats.ts';
import { uprightSize } from '../core/orientation.ts';
import { Destination, type DestinationServices } from './destination.ts';
import type { CreateUpscaler, UpscalerPort } from './engine-port.ts';
import { pictureCount } from './format-text.ts';
import { metaOf, OUTPUT_METAS } from './formats.ts';
import { outputName } from './output-name.ts';
import { FirstVisit } from './first-visit.ts';
import { LayoutStore } from './layout.ts';
import { LocaleStore, type Locale } from './locale.ts';
import { isBusy, isStartable, type Picture, type Problem } from './picture.ts';
import { PictureList, problemOf, type Inspection } from './picture-list.ts';
import { PresetStore } from './presets.ts';
import { PreviewController } from './preview.ts';
import { privateOutputs } from './private-outputs.ts';
import { Queue, type PlannedJob } from './queue.ts';
import { toJobOptions, type Settings } from './settings.ts';
import { SettingsStore, type KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';
import { verdictFor, type Verdict } from './verdict.ts';

/** What the app is put together from. */
export interface AppParts {
  readonly createUpscaler: CreateUpscaler;
  readonly storage: KeyValueStorage;
  /** The browser's languages, the dearest first. */
  readonly languages: readonly string[];
  readonly services: DestinationServices;
  /** The name of an ICC profile for people, or null. */
  readonly profileName: (icc: Uint8Array<ArrayBuffer>) => string | null;
}

/** A verdict, and what it was made under. */
interface Judged {
  readonly settings: Settings;
  readonly locale: Locale;
  readonly verdict: Verdict;
}

/** The controllers of the page, wired together. Holds no elements. */
export class App {
  readonly settings: SettingsStore;
  readonly pictures: PictureList;
  readonly queue: Queue;
  readonly destination: Destination;
  readonly locale: LocaleStore;
  readonly layout: LayoutStore;
  readonly presets: PresetStore;
  readonly firstVisit: FirstVisit;
  readonly preview: PreviewController;
  /** A problem that belongs to no single picture; null when there is none. */
  readonly problem = new Store<Problem | null>(null);
  readonly #parts: AppParts;
  /** Progress asks for verdicts many times a second; they only change with the settings. */
  readonly #verdicts = new WeakMap<SourceInfo, Judged>();
  #engine: Promise<UpscalerPort> | null = null;

  constructor(parts: AppParts) {
    this.#parts = parts;
    this.settings = new SettingsStore(parts.storage);
    this.pictures = new PictureList((file) => this.#inspect(file));
    this.queue = new Queue(this.pictures, () => this.#getEngine());
    this.destination = new Destination(parts.services);
    this.locale = new LocaleStore(parts.storage, parts.languages);
    this.layout = new LayoutStore(parts.storage);
    this.presets = new PresetStore(parts.storage);
    this.firstVisit = new FirstVisit(parts.storage);
    this.preview = new PreviewController(async (request, control) =>
      (await this.#getEngine()).openPreview(request, control),
    );
  }

  /** The verdict for a picture under the present settings; null while its header is unread. The same object while neither changes. */
  verdict(picture: Picture | null): Verdict | null {
    if (picture?.info == null || picture.size === null) return null;
    const { info, size } = picture;
    const settings = this.settings.value;
    const locale = this.locale.value;
    const known = this.#verdicts.get(info);
    if (known?.settings === settings && known.locale === locale) return known.verdict;
    const verdict = verdictFor({ size, info }, settings, OUTPUT_METAS);
    this.#verdicts.set(info, { settings, locale, verdict });
    return verdict;
  }

  /**
   * The pictures that Start would take: all that wait and fit the format; when none waits, the finished one that is
   * looked at, to run it again.
   */
  startable(): readonly Picture[] {
    const waiting = this.pictures.pictures.filter(isStartable);
    const selected = this.pictures.selected;
    const candidates = waiting.length === 0 && selected?.state.kind === 'done' ? [selected] : waiting;
    return candidates.filter((picture) => this.verdict(picture)?.refusal === null);
  }

  /** Asks where to save and runs everything startable. Needs a user gesture. Problems are shown, not thrown. */
  async start(): Promise<void> {
    const pictures = this.startable();
    const first = pictures[0];
    if (first === undefined || this.queue.value.running) return;
    this.problem.set(null);
    this.firstVisit.end();
    try {
      const meta = metaOf(this.settings.value.format);
      const options = toJobOptions(this.settings.value);
      const name = (picture: Picture): string => outputName(picture.name, options, this.verdict(picture)!.output, meta);
      if (this.destination.value.kind === 'file' && pictures.length > 1) {
        throw new AppError(
          'bad-options',
          msg(str`“Save as” takes one picture at a time. Waiting: ${pictureCount(pictures.length)}.`),
          {
            remedy: msg('Save to a folder instead, or remove the others.'),
          },
        );
      }
      const targetFor = await this.destination.prepare(
        { name: name(first), meta },
        this.pictures.pictures,
        (picture, file) => this.pictures.update(picture.id, { file }),
      );
      if (targetFor === null) return;
      const jobs = pictures.map((picture): PlannedJob => ({
        pictureId: picture.id,
        options,
        output: targetFor(name(picture)),
      }));
      for (const picture of pictures) this.#release(picture);
      await this.queue.run(jobs);
    } catch (error) {
      this.problem.set(problemOf(error));
    }
  }

  /** Takes a picture off the list, with a result that was never saved. */
  remove(id: number): void {
    const picture = this.pictures.find(id);
    if (picture === null || isBusy(picture)) return;
    this.#release(picture);
    this.pictures.remove(id);
  }

  /** Takes all pictures off the list that no job owns. */
  clear(): void {
    for (const { id } of this.pictures.pictures) this.remove(id);
  }

  /** Frees the disk space of a result that lies in the browser's storage. */
  #release({ state }: Picture): void {
    if (state.kind === 'done' && state.place.kind === 'blob') void privateOutputs.remove(state.place.name);
  }

  /** Starts the engine before it is needed; a failure shows up when it is. */
  warmUp(): void {
    this.#getEngine().catch(() => undefined);
  }

  /** The formats on offer. */
  get formats(): readonly FormatMeta[] {
    return OUTPUT_METAS;
  }

  async #inspect(file: File): Promise<Inspection> {
    const engine = await this.#getEngine();
    const info = await engine.inspect(file, file.name);
    const { icc, orientation } = info.metadata;
    return {
      info,
      size: uprightSize(info, orientation),
      profile: icc === null ? null : this.#parts.profileName(icc),
    };
  }

  #getEngine(): Promise<UpscalerPort> {
    this.#engine ??= this.#parts.createUpscaler().catch((error: unknown) => {
      this.#engine = null;
      throw error;
    });
    return this.#engine;
  }
}
