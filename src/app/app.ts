import { msg, str } from '@lit/localize';
import type { HistoryStorage } from '../cache/history-storage.ts';
import { AI_DEFAULTS } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import { exportName, isFileSet } from '../core/exports.ts';
import type { FormatMeta, SourceInfo } from '../core/formats.ts';
import type { FileKind } from '../platform/pickers.ts';
import { editedSize } from '../core/edit/plan-edit.ts';
import { pixelCount } from '../core/geometry.ts';
import type { JobOptions } from '../core/options.ts';
import { uprightSize } from '../core/orientation.ts';
import type { GivenFile } from '../platform/given-files.ts';
import { Calibration } from './calibration.ts';
import { ConditionsStore, type ConditionSources } from './conditions.ts';
import { Destination, type DestinationServices, type TargetFor } from './destination.ts';
import type { CreateUpscaler, UpscalerPort } from './engine-port.ts';
import { pictureCount } from './format-text.ts';
import { metaOf, OUTPUT_METAS } from './formats.ts';
import { FirstVisit } from './first-visit.ts';
import { History } from './history.ts';
import { LayoutStore } from './layout.ts';
import { LocaleStore, type Locale } from './locale.ts';
import { ModelLibrary } from './model-library.ts';
import { ModelSpeed } from './model-speed.ts';
import { modelVariants } from './model-variants.ts';
import { NamingStore, outputPath, type OutputPath } from './naming.ts';
import { overallOf, type Overall } from './overall.ts';
import {
  isBusy,
  isSettled,
  isStartable,
  meantByStart,
  type Picture,
  type Problem,
  type ResultPlace,
} from './picture.ts';
import { problemOf } from './error-text.ts';
import { PictureList, type Inspection } from './picture-list.ts';
import { jobPlanner } from './plan-jobs.ts';
import { PresetStore } from './presets.ts';
import { PreviewController, type OpenSession } from './preview.ts';
import { Queue, type JobPlanner } from './queue.ts';
import { QueueSession, type Losses, type SessionServices } from './queue-session.ts';
import { Receipts } from './receipts.ts';
import { Removals } from './removals.ts';
import { Replaced } from './replaced.ts';
import { saveAll, savableOf } from './save-all.ts';
import { DefaultSettings, SettingsStore, type KeyValueStorage } from './settings-store.ts';
import type { Settings } from './settings.ts';
import { Staging } from './staging.ts';
import { StorageKeeper, type StorageServices } from './storage.ts';
import { Store } from './store.ts';
import { Thumbnails } from './thumbnails.ts';
import { variants } from './variants.ts';
import { verdictFor, type Conditions, type Verdict } from './verdict.ts';

/** What the app is put together from. */
export interface AppParts {
  readonly createUpscaler: CreateUpscaler;
  readonly storage: KeyValueStorage;
  /** The browser's languages, the dearest first. */
  readonly languages: readonly string[];
  readonly services: DestinationServices;
  readonly session: SessionServices;
  readonly stored: StorageServices;
  readonly history: HistoryStorage;
  /** The name of an ICC profile for people, or null. */
  readonly profileName: (icc: Uint8Array<ArrayBuffer>) => string | null;
  /** Bytes that the browser's own storage has left, or null. */
  readonly freeBytes: () => Promise<number | null>;
  /** Parts of the library of formats that cannot be had now. */
  readonly outOfReach: ConditionSources['outOfReach'];
}

/** What a set of files is saved as where it goes to no folder. */
const ZIP: FileKind = { label: 'ZIP', mime: 'application/zip', extensions: ['zip'] };

/** A verdict, and what it was made under. */
interface Judged {
  readonly settings: Settings;
  readonly locale: Locale;
  readonly conditions: Conditions;
  readonly verdict: Verdict;
}

/** What to tell of pictures that the storage has lost; null when it has lost none. */
function lossProblem({ lost, bare }: Losses): Problem | null {
  if (lost > 0)
    return {
      message: msg(str`Not restored from the last visit: ${pictureCount(lost)}.`),
      remedy: msg('Their data in the browser was damaged: add them again.'),
    };
  if (bare > 0)
    return {
      message: msg(str`Restored without their settings: ${pictureCount(bare)}.`),
      remedy: msg('The rest of their data was damaged: check the settings before you start.'),
    };
  return null;
}

/** The controllers of the page, wired together. Holds no elements. */
export class App {
  readonly settings: SettingsStore;
  readonly naming: NamingStore;
  readonly pictures: PictureList;
  readonly queue: Queue;
  readonly destination: Destination;
  readonly locale: LocaleStore;
  readonly layout: LayoutStore;
  readonly presets: PresetStore;
  readonly firstVisit: FirstVisit;
  readonly preview: PreviewController;
  readonly thumbnails: Thumbnails;
  /** What is left over from the last visit. */
  readonly session: QueueSession;
  readonly history: History;
  /** Which jobs keep what they have finished. */
  readonly staging: Staging;
  /** What is kept in the browser's storage. */
  readonly storage: StorageKeeper;
  readonly receipts: Receipts;
  /** Pictures that were taken off the list and can still be had back. */
  readonly removals: Removals;
  /** Results that later runs have replaced before they were saved. */
  readonly replaced: Replaced;
  /** The user's own models, and how fast models are here. */
  readonly models = new ModelLibrary();
  readonly modelSpeed: ModelSpeed;
  /** How fast this device is, and how large files become; learnt from jobs. */
  readonly calibration: Calibration;
  /** What verdicts are made under. */
  readonly conditions: ConditionsStore;
  /** A problem that belongs to no single picture; null when there is none. */
  readonly problem = new Store<Problem | null>(null);
  readonly #parts: AppParts;
  /** Progress asks for verdicts many times a second; they only change with the settings. */
  readonly #verdicts = new WeakMap<SourceInfo, Judged>();
  /** Those of running jobs, whose settings need not be their pictures'. */
  readonly #jobVerdicts = new WeakMap<SourceInfo, Judged>();
  #engine: Promise<UpscalerPort> | null = null;

  constructor(parts: AppParts) {
    this.#parts = parts;
    const defaults = new DefaultSettings(parts.storage, parts.languages);
    this.modelSpeed = new ModelSpeed(parts.storage);
    variants.register(modelVariants(() => this.models.value.own));
    this.pictures = new PictureList(
      (file) => this.#inspect(file),
      () => defaults.value,
    );
    this.settings = new SettingsStore(defaults, this.pictures);
    this.removals = new Removals(this.pictures, {
      changes: () => this.settings.changes,
      discard: (gone) => this.#discard(gone),
    });
    this.replaced = new Replaced({
      discard: async ({ place }) => {
        // A page that dies now must not be remembered with this as its picture's result.
        await this.session.keeper.flush();
        await this.#release(place);
        await this.conditions.refresh();
      },
    });
    this.naming = new NamingStore(parts.storage);
    this.history = new History(parts.history, (picture) => this.thumbnails.file(picture));
    this.receipts = new Receipts(this.pictures);
    this.staging = new Staging(parts.storage);
    this.storage = new StorageKeeper(parts.stored, {
      clearResults: () => this.#clearResults(),
      stagesCleared: () => this.session.stagesCleared(),
    });
    const { journal } = parts.session;
    this.queue = new Queue(this.pictures, () => this.#getEngine(), {
      onBegin: ({ id }, { output, stage }) => {
        if (stage !== null || output.kind === 'opfs') void this.storage.keepForGood();
        return journal.begin(id, output, stage);
      },
      onOpened: ({ id }, name) => journal.opened(id, name),
      onEnded: async ({ id }, error) => {
        // What is done must be known to be done before it is known no more that it was begun.
        await this.session.keeper.flush();
        await journal.end(id, error);
      },
      onDone: (picture, receipt, place) => {
        // A job that went on behind what was kept took less than the next one will.
        if (receipt.keptBands === undefined) {
          this.modelSpeed.learn(receipt);
          if (picture.info !== null) this.calibration.learn(picture.info, receipt);
        }
        void this.history.add(picture, receipt, place);
      },
      onReplaced: (picture, earlier) => this.replaced.add(picture, earlier),
    });
    this.destination = new Destination(parts.services);
    this.calibration = new Calibration(parts.storage);
    this.conditions = new ConditionsStore({
      ...{ destination: this.destination, calibration: this.calibration, freeBytes: parts.freeBytes },
      outOfReach: parts.outOfReach,
      modelTime: (ai, source, output) => this.modelSpeed.estimate(ai, source, output, this.models.value.own),
    });
    this.queue.subscribe(() => {
      if (!this.queue.value.running) void this.conditions.learn();
    });
    this.locale = new LocaleStore(parts.storage, parts.languages);
    this.layout = new LayoutStore(parts.storage);
    this.presets = new PresetStore(parts.storage);
    this.firstVisit = new FirstVisit(parts.storage);
    const open: OpenSession = async (request, control) => (await this.#getEngine()).openPreview(request, control);
    this.preview = new PreviewController(open);
    this.thumbnails = new Thumbnails({ open, preview: this.preview, queue: this.queue });
    this.session = new QueueSession(parts.session, this.pictures, this.queue, this.destination);
  }

  /** Brings back what was there at the last visit, and tells what cannot be. Never rejects. */
  async restore(): Promise<void> {
    const restoring = this.session.restore();
    await this.session.restored;
    const problem = lossProblem(this.session.losses);
    if (problem !== null) this.problem.set(problem);
    await restoring;
  }

  /** Takes in files of any origin: pictures join the list, receipts are applied. Rejects with an AppError. */
  async add(given: readonly GivenFile[]): Promise<void> {
    const pictures = await this.receipts.take(given);
    const known = new Set(this.pictures.pictures);
    const adding = this.pictures.add(pictures);
    const added = this.pictures.pictures.filter((picture) => !known.has(picture));
    // Kept while the headers are read: the page may be closed at any time.
    await Promise.all([adding, this.session.keep(added)]);
    this.receipts.match();
  }

  /** The verdict for a picture under its settings; null while its header is unread. The same object while neither changes. */
  verdict(picture: Picture | null): Verdict | null {
    return picture === null ? null : this.#judge(picture, picture.settings, this.#verdicts);
  }

  /** As `verdict`, but under the settings of its job while one runs. */
  jobVerdict(picture: Picture): Verdict | null {
    const { state } = picture;
    if (state.kind !== 'running') return this.verdict(picture);
    return this.#judge(picture, state.settings, this.#jobVerdicts);
  }

  #judge({ info, size }: Picture, settings: Settings, verdicts: WeakMap<SourceInfo, Judged>): Verdict | null {
    if (info === null || size === null) return null;
    const locale = this.locale.value;
    const conditions = this.conditions.value;
    const known = verdicts.get(info);
    const same = known?.settings === settings && known.locale === locale && known.conditions === conditions;
    if (same) return known.verdict;
    const verdict = verdictFor({ size, info }, settings, OUTPUT_METAS, conditions);
    verdicts.set(info, { settings, locale, conditions, verdict });
    return verdict;
  }

  /** Where a picture's result will go, below the destination; null while its header is unread, or the template is wrong. */
  outputPath(picture: Picture | null): OutputPath | null {
    const verdict = this.verdict(picture);
    if (picture?.size == null || verdict === null) return null;
    const { format, kernel, edit } = picture.settings;
    // The scale in a name is that of what is left of the picture.
    const facts = { source: editedSize(picture.size, edit), output: verdict.output, kernel, meta: metaOf(format) };
    try {
      const path = outputPath(this.naming.value.template, picture, facts);
      const folder = this.destination.value.kind === 'folder';
      return { ...path, name: exportName(path.name, picture.settings.export, folder) };
    } catch {
      return null;
    }
  }

  /**
   * The pictures that Start would take: those that it is about (see `meantByStart`), as far as they fit the format.
   */
  startable(): readonly Picture[] {
    return this.#candidates().filter((picture) => this.verdict(picture)?.refusal === null);
  }

  /** Why Start takes none of the pictures that it is about; null when it takes some, or is about none. */
  refusalOfAll(): Problem | null {
    if (this.startable().length > 0) return null;
    const candidates = this.#candidates();
    const { selected } = this.pictures;
    const shown = candidates.find((picture) => picture === selected) ?? candidates[0] ?? null;
    return this.verdict(shown)?.refusal ?? null;
  }

  #candidates(): readonly Picture[] {
    return meantByStart(this.pictures.pictures, this.pictures.chosen);
  }

  /**
   * Asks where to save and runs everything startable, and what is still being read when it turns out to be. Needs a user gesture.
   * Problems are shown, not thrown.
   */
  start(): Promise<void> {
    this.firstVisit.end();
    const reading = this.pictures.pictures.filter(({ state }) => state.kind === 'reading');
    return this.#run(
      this.startable(),
      reading.map(({ id }) => id),
    );
  }

  /** Runs pictures again, or for the first time; joins the run that is on. Needs a user gesture. */
  async retry(ids: readonly number[]): Promise<void> {
    const wanted = this.pictures.pictures.filter((picture) => ids.includes(picture.id) && !isBusy(picture));
    await this.#run(wanted.filter((picture) => this.verdict(picture)?.refusal === null));
  }

  /** Asks for what the last visit may not read any more, and goes on where its run was. Needs a user gesture. */
  async resume(): Promise<void> {
    try {
      const ids = await this.session.unlock();
      await this.retry(ids);
    } catch (error) {
      this.problem.set(problemOf(error));
    }
  }

  async #run(pictures: readonly Picture[], late: readonly number[] = []): Promise<void> {
    const first = pictures[0];
    if (first === undefined) return;
    this.problem.set(null);
    try {
      const targetFor = await this.#askWhere(pictures, first);
      if (targetFor === null) return;
      const planner = jobPlanner(targetFor, {
        root: () => this.destination.value.folder,
        naming: () => this.naming.value,
        path: (picture) => this.outputPath(picture),
        stage: (picture, options) => this.#stageFor(picture, options),
      });
      if (this.destination.value.kind !== 'file') this.#join(late, planner);
      await this.queue.run(
        pictures.map(({ id }) => id),
        planner,
      );
    } catch (error) {
      this.problem.set(problemOf(error));
    }
  }

  /** Adds pictures to the run as soon as their headers are read. */
  #join(ids: readonly number[], planner: JobPlanner): void {
    const waiting = new Set(ids);
    const stop = this.pictures.subscribe(() => {
      const read = [...waiting].filter((id) => this.pictures.find(id)?.state.kind !== 'reading');
      for (const id of read) waiting.delete(id);
      if (waiting.size === 0) stop();
      const fitting = read.filter((id) => {
        const picture = this.pictures.find(id);
        return picture !== null && isStartable(picture) && this.verdict(picture)?.refusal === null;
      });
      if (fitting.length > 0 && !this.queue.value.cancelled) void this.queue.run(fitting, planner);
    });
    if (waiting.size === 0) stop();
  }

  async #askWhere(pictures: readonly Picture[], first: Picture): Promise<TargetFor | null> {
    if (this.destination.value.kind === 'file' && (pictures.length > 1 || this.queue.value.running)) {
      throw new AppError(
        'bad-options',
        msg(str`“Save as” takes one picture at a time. Waiting: ${pictureCount(pictures.length)}.`),
        {
          remedy: msg('Save to a folder instead, or remove the others.'),
          values: { waiting: pictures.length },
        },
      );
    }
    const name = this.outputPath(first)?.name ?? first.name;
    return this.destination.prepare(
      { name, meta: isFileSet(first.settings.export) ? ZIP : metaOf(first.settings.format) },
      this.pictures.pictures,
      (picture, file) => this.pictures.update(picture.id, { file }),
    );
  }

  /** The name of the stage of a job: that of its last attempt, a new one, or none. */
  #stageFor(picture: Picture, options: JobOptions): string | null {
    if (!this.staging.wants(options, this.verdict(picture)?.estimate?.time.ms ?? null)) return null;
    return this.#parts.session.journal.stageOf(picture.id) ?? crypto.randomUUID();
  }

  /** How the run that is on stands as a whole. */
  overall(): Overall {
    const pixelsOf = (picture: Picture): number => {
      const output = this.jobVerdict(picture)?.output;
      return output === undefined ? 0 : pixelCount(output);
    };
    return overallOf(this.pictures.pictures, this.queue.value.ids, pixelsOf, this.queue.elapsed());
  }

  /** About what everything that Start would take will take, in bytes of files and milliseconds. */
  total(): { readonly bytes: number; readonly ms: number } {
    const estimates = this.startable().flatMap((picture) => this.verdict(picture)?.estimate ?? []);
    return estimates.reduce((sum, { bytes, time }) => ({ bytes: sum.bytes + bytes, ms: sum.ms + time.ms }), {
      bytes: 0,
      ms: 0,
    });
  }

  /** Looks at a model file, keeps it and chooses it; what is wrong with it shows where models are chosen. */
  async addModel(file: File): Promise<void> {
    // Looking at a model takes a while, in which others may be chosen.
    const { chosen } = this.pictures.value;
    const { ai: earlier } = this.settings.value;
    const model = await this.models.add(file);
    if (model === null) return;
    const { name, sha256, shape } = model;
    const ai = {
      ...AI_DEFAULTS,
      ...earlier,
      noise: null,
      model: { kind: 'own', name, sha256, shape },
    } as const;
    this.settings.change({ ai }, chosen.size === 0 ? undefined : chosen);
  }

  /** Tries again what failed without a connection. */
  reconnect(): void {
    this.preview.retry();
    this.thumbnails.retry();
  }

  /** Saves all results that wait for it (see `savableOf`), into a folder or as a ZIP. Needs a user gesture. Problems are shown, not thrown. */
  async saveAll(): Promise<void> {
    try {
      const results = savableOf(this.pictures.pictures);
      const isSaved = await saveAll(results, ({ picture, place: kept }, place) => {
        const { state } = this.pictures.find(picture.id) ?? picture;
        // It may run again by now.
        if (state.kind !== 'done' || state.place !== kept) return;
        void this.#release(kept);
        this.pictures.setState(picture.id, { ...state, place });
      });
      if (isSaved) for (const { picture, place } of results) this.markSaved(picture.id, place);
      void this.conditions.refresh();
    } catch (error) {
      this.problem.set(problemOf(error));
    }
  }

  /** A result was handed to the browser's downloads: the next run of its picture may replace it. */
  markSaved(id: number, place: ResultPlace): void {
    const state = this.pictures.find(id)?.state;
    if (state?.kind === 'done' && state.place === place) this.pictures.setState(id, { ...state, saved: true });
  }

  /** Saves what later runs have replaced. Needs a user gesture. Problems are shown, not thrown. */
  async saveReplaced(): Promise<void> {
    try {
      await this.replaced.save();
    } catch (error) {
      this.problem.set(problemOf(error));
    }
  }

  /** Takes pictures off the list; they can be had back for a while, with results that were never saved. */
  remove(...ids: number[]): void {
    this.removals.remove(ids);
    this.session.recount();
  }

  /** Puts back what was taken off the list last. */
  takeBack(): void {
    void this.session.takeBack(this.removals.undo());
  }

  get canUndo(): boolean {
    return this.removals.isLatest || this.settings.canUndo;
  }

  /** Takes back what was done last: a removal, or a change of settings. */
  undo(): void {
    if (this.removals.isLatest) this.takeBack();
    else this.settings.undo();
  }

  /** Takes all pictures off the list that no job owns. */
  clear(): void {
    this.remove(...this.pictures.pictures.map(({ id }) => id));
  }

  /** Takes all finished pictures off the list but those whose results were never saved. */
  clearFinished(): void {
    this.remove(...this.pictures.pictures.filter(isSettled).map(({ id }) => id));
  }

  /** Takes finished pictures off the list whose results lie in the browser's storage, and with them the results, at once. */
  #clearResults(): void {
    const kept = ({ state }: Picture): boolean => state.kind === 'done' && state.place.kind === 'blob';
    this.remove(...this.pictures.pictures.filter(kept).map(({ id }) => id));
    this.removals.end();
    this.replaced.end();
  }

  /** Deletes what pictures have in the browser's storage that nobody can have back. */
  #discard(gone: readonly Picture[]): void {
    for (const { state } of gone) if (state.kind === 'done') void this.#release(state.place);
    this.session.forget(gone);
    void this.conditions.refresh();
  }

  /** Frees the disk space of a result that lies in the browser's storage. */
  async #release(place: ResultPlace): Promise<void> {
    if (place.kind === 'blob' && place.stored !== null) await this.#parts.session.outputs.remove(place.stored);
  }

  /** Starts the engine before it is needed; a failure shows up when it is. */
  warmUp(): void {
    this.#getEngine()
      .then((engine) => engine.environment())
      .then((environment) => this.conditions.know(environment))
      .catch(() => undefined);
    void this.conditions.refresh();
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
