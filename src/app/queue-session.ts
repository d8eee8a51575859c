import type { InputCopies } from '../cache/input-copies.ts';
import type { QueueStorage, SavedQueue } from '../cache/queue-storage.ts';
import type { Pages } from '../platform/pages.ts';
import type { Destination, DestinationKind } from './destination.ts';
import type { CutShort, JobJournal } from './job-journal.ts';
import type { Picture } from './picture.ts';
import type { PictureList } from './picture-list.ts';
import type { PrivateOutputs } from './private-outputs.ts';
import { QueueKeeper } from './queue-keeper.ts';
import { fileWithoutAsking, restorePictures, type Restored } from './queue-restore.ts';
import type { Queue } from './queue.ts';
import { Store } from './store.ts';

/** What is left over from an earlier visit. */
export interface Leftover {
  /** Pictures that the browser has to be asked for. */
  readonly locked: number;
  /** Pictures of a run that was on, which are still to be done. */
  readonly unfinished: number;
  /** Those of them whose jobs go on where they were, at a share 0..1; the others begin again. */
  readonly kept: readonly { readonly name: string; readonly share: number }[];
}

/** What the storage has lost of earlier visits. */
export interface Losses {
  /** Pictures that cannot be brought back. */
  readonly lost: number;
  /** Pictures that were brought back from their copies alone, without their settings and results. */
  readonly bare: number;
}

/** The browser services that are used, replaceable in tests. */
export interface SessionServices {
  readonly storage: QueueStorage;
  readonly copies: InputCopies;
  readonly outputs: PrivateOutputs;
  readonly journal: JobJournal;
  readonly pages: Pages;
  /** Asks for permission to read; needs a user gesture. */
  ensureReadable(handle: FileSystemHandle): Promise<boolean>;
  /** The same for writing into a folder. */
  ensureWritable(handle: FileSystemDirectoryHandle): Promise<boolean>;
}

/**
 * Writes down the queue of this page, and brings back those of pages that are gone. Of several pages that are open each keeps its own; when
 * one dies, the next that opens takes it over.
 */
export class QueueSession extends Store<Leftover | null> {
  readonly keeper: QueueKeeper;
  readonly #services: SessionServices;
  readonly #list: PictureList;
  readonly #destination: Destination;
  #restored: readonly Restored[] = [];
  #cut: readonly CutShort[] = [];
  /** Pages whose queues are in the list, and those that were seen to live. */
  readonly #adopted = new Set<string>();
  readonly #living = new Set<string>();
  #hasDestination = false;
  /** What of the private storage belongs to pictures that were brought back. */
  readonly #kept = { copies: new Set<string>(), outputs: new Set<string>() };
  /** Pages that had a queue in the storage when this one was opened; null as long as it could not be read. */
  #known: ReadonlySet<string> | null = null;
  #losses: Losses = { lost: 0, bare: 0 };
  /** Settles when the headers are read that could be read without asking. */
  #reading: Promise<void> = Promise.resolve();
  /** Settles when everything is brought back, and what nobody needs is cleared away. */
  restored: Promise<void> = Promise.resolve();

  constructor(services: SessionServices, list: PictureList, queue: Queue, destination: Destination) {
    super(null);
    this.#services = services;
    this.#list = list;
    this.#destination = destination;
    this.keeper = new QueueKeeper(services.storage, list, queue, destination);
  }

  /** What was lost of earlier visits, as far as they are brought back. */
  get losses(): Losses {
    return this.#losses;
  }

  /** Shows the queues of earlier visits; settles when the headers of all readable pictures are read. Never rejects. */
  async restore(): Promise<void> {
    this.restored = this.#restore();
    await this.restored;
    await this.#reading;
  }

  async #restore(): Promise<void> {
    const { pages, journal, copies, outputs } = this.#services;
    const page = await pages.own().catch(() => null);
    if (page === null) return outputs.claim(new Set());
    this.keeper.start(page);
    journal.start(page);
    const bringBack = (): Promise<void> => pages.alone(() => this.#bringBack()).catch(() => undefined);
    await bringBack();
    // That of the page before a reload, which may still be going away.
    await Promise.all(
      [...this.#living].map(async (other) => {
        if (!(await pages.whenGone(other))) return;
        this.#living.delete(other);
        await bringBack();
      }),
    );
    const others = (): Promise<ReadonlySet<string>> => pages.others();
    await pages
      .alone(async () => {
        // Whatever became free meanwhile: what is cleared away next must be nobody's.
        await this.#bringBack();
        // What cannot be read now may be whole at the next start.
        if (this.#known === null) return;
        // A page that lived, and does not at this moment, may be loading anew: what it needs is not cleared away.
        const now = await others();
        if ([...this.#living].some((other) => !now.has(other))) return;
        await this.#rescue(page, others);
        await journal.sweep(others);
        await outputs.claim(this.#kept.outputs);
        await copies.sweep(this.#kept.copies, async () => new Set([page, ...(await others())]));
      })
      .catch(() => undefined);
  }

  /** Takes over the queues of all pages that are gone. */
  async #bringBack(): Promise<void> {
    const { storage, pages } = this.#services;
    const saved = await storage.load().catch(() => null);
    if (saved === null) return;
    this.#known ??= new Set(saved.keys());
    const own = await pages.own();
    for (const [page, queue] of saved) {
      if (page === own || this.#adopted.has(page) || this.#living.has(page)) continue;
      if (await pages.succeed(page)) await this.#adopt(page, queue);
      else this.#living.add(page);
    }
  }

  async #adopt(page: string, saved: SavedQueue): Promise<void> {
    const { copies, outputs, journal } = this.#services;
    this.#adopted.add(page);
    const restored = await restorePictures(saved, copies);
    const pictures = restored.map(({ picture }) => picture);
    const { session } = saved;
    if (session !== null && !this.#hasDestination) {
      this.#hasDestination = true;
      this.#destination.restore(session.destination.kind as DestinationKind, session.destination.folder);
    }
    this.#restored = [...this.#restored, ...restored];
    this.#list.restore(pictures, session?.selectedId ?? null);
    const made = new Set(pictures.map(({ id }) => id));
    const lost = [...saved.lost, ...saved.records.map(({ id }) => id).filter((id) => !made.has(id))];
    this.#losses = { ...this.#losses, lost: this.#losses.lost + lost.length };
    this.keeper.adopt(page, pictures, lost);
    for (const { then, picture } of restored) {
      if (picture.copy !== null) this.#kept.copies.add(picture.copy);
      if (then.kind !== 'done' || then.place.kind !== 'blob' || then.place.stored === null) continue;
      this.#kept.outputs.add(then.place.stored);
      await outputs.reserve(then.place.stored);
    }
    // One that is known to be done has nothing left to go on with, though the page died before that was struck off the journal.
    const open = restored.filter(({ then, queued }) => queued || then.kind !== 'done').map(({ picture }) => picture.id);
    this.#cut = [...this.#cut, ...(await journal.adopt(page, new Set(open)))];
    this.#count();
    const reading = this.#read(restored.filter(({ picture }) => picture.state.kind === 'reading'));
    this.#reading = Promise.all([this.#reading, reading]).then(() => undefined);
  }

  /**
   * Adds pictures whose records are lost and whose copies are not: where a record makes no sense, and where the browser has made its database
   * anew. Copies of pages that have lost nothing are of pictures that were taken off the list.
   */
  async #rescue(page: string, others: () => Promise<ReadonlySet<string>>): Promise<void> {
    const { copies } = this.#services;
    const found = await copies.list();
    // Asked afterwards, as everywhere: who has made a copy and does not live now is gone.
    const living = await others();
    const rescued: { copy: string; file: File }[] = [];
    for (const { copy, page: maker, name } of found) {
      if (maker === page || living.has(maker) || this.#kept.copies.has(copy)) continue;
      if (this.#losses.lost === 0 && this.#known!.has(maker)) continue;
      const file = await copies.open(copy, name || 'picture');
      // One that the page died over is empty until it is whole.
      if (file !== null && file.size > 0) rescued.push({ copy, file });
    }
    if (rescued.length === 0) return;
    const before = new Set(this.#list.pictures);
    const reading = this.#list.add(rescued.map(({ file }) => ({ file, handle: null })));
    this.#list.pictures
      .filter((picture) => !before.has(picture))
      .forEach(({ id }, i) => {
        this.#kept.copies.add(rescued[i]!.copy);
        this.#list.update(id, { copy: rescued[i]!.copy });
      });
    this.#reading = Promise.all([this.#reading, reading]).then(() => undefined);
    this.#losses = { lost: Math.max(0, this.#losses.lost - rescued.length), bare: rescued.length };
  }

  async #read(restored: readonly Restored[]): Promise<void> {
    for (const { picture, then } of restored) await this.#list.read(picture.id, then);
  }

  /** Copies pictures without a handle, so that they survive a reload. */
  async keep(pictures: readonly Picture[]): Promise<void> {
    const page = await this.#services.pages.own().catch(() => null);
    if (page === null) return;
    for (const { id, handle, file } of pictures) {
      if (handle !== null) continue;
      const copy = await this.#services.copies.add(file, page);
      if (copy === null) continue;
      if (this.#list.find(id) === null) await this.#services.copies.remove(copy);
      else this.#list.update(id, { copy });
    }
  }

  /** Counts anew what is left over, and keeps and reads what was taken off the list before that was done. */
  async takeBack(pictures: readonly Picture[]): Promise<void> {
    this.#count();
    const reading = pictures.filter(({ state }) => state.kind === 'reading');
    const keeping = this.keep(pictures.filter(({ copy, bytes, file }) => copy === null && file.size === bytes));
    const thens = new Map(this.#restored.map(({ picture, then }) => [picture.id, then]));
    for (const { id } of reading) await this.#list.read(id, thens.get(id));
    await keeping;
  }

  /** Tells how much is left over now that pictures were taken off the list. */
  recount(): void {
    this.#count();
  }

  /** Deletes what belonged to pictures that were taken off the list for good. */
  forget(pictures: readonly Picture[]): void {
    for (const { id, copy } of pictures) {
      if (copy !== null) void this.#services.copies.remove(copy);
      void this.#services.journal.forget(id);
    }
  }

  /**
   * Asks for everything that the browser wants to be asked for, and reads what it now allows. Needs a user gesture, which lasts
   * some seconds: all questions come before the first header is read. Returns the pictures of the run that was on, to go on with.
   */
  async unlock(): Promise<readonly number[]> {
    const { folder } = this.#destination.value;
    const locked = this.#restored.filter(({ picture }) => this.#list.find(picture.id)?.state.kind === 'locked');
    // One question for a folder answers for all files in it.
    const roots = new Set(locked.flatMap(({ picture }) => picture.root ?? []));
    for (const handle of roots) await this.#services.ensureReadable(handle).catch(() => false);
    if (folder !== null) await this.#services.ensureWritable(folder).catch(() => false);
    const open: Restored[] = [];
    for (const one of locked) {
      const { picture } = one;
      const handle = picture.handle!;
      try {
        const allowed = (await fileWithoutAsking(handle)) ?? ((await this.#services.ensureReadable(handle)) || null);
        if (allowed === null) continue;
        const file = allowed === true ? await handle.getFile() : allowed;
        this.#list.update(picture.id, { file, bytes: file.size, state: { kind: 'reading' } });
        open.push(one);
      } catch {
        // Refused, or the click is too long ago for another question: it stays locked, and Continue stays.
      }
    }
    await this.#reading;
    await this.#read(open);
    const unfinished = this.#restored.filter(({ queued, picture, then }) => {
      const now = this.#list.find(picture.id);
      // Done it may be by a run before the one that was on.
      return queued && now !== null && now.info !== null && (now.state.kind === 'ready' || now.state === then);
    });
    await this.#services.journal.clearAllowed();
    this.#restored = this.#restored.filter(({ picture }) => this.#list.find(picture.id)?.state.kind === 'locked');
    this.#count();
    return unfinished.map(({ picture }) => picture.id);
  }

  /** Leaves the pictures as they are; they can be started like any others. */
  dismiss(): void {
    this.set(null);
  }

  /** What was kept of unfinished jobs is gone: they begin again. */
  stagesCleared(): void {
    this.#cut = [];
    if (this.value !== null) this.#count();
  }

  #count(): void {
    const present = this.#restored.filter(({ picture }) => this.#list.find(picture.id) !== null);
    const locked = present.filter(({ picture }) => this.#list.find(picture.id)?.state.kind === 'locked').length;
    const unfinished = present.filter(({ queued }) => queued);
    const kept = unfinished.flatMap(({ picture: { id, name } }) => {
      const share = this.#cut.find((cut) => cut.id === id)?.kept ?? null;
      return share === null ? [] : [{ name, share }];
    });
    this.set(locked + unfinished.length === 0 ? null : { locked, unfinished: unfinished.length, kept });
  }
}
