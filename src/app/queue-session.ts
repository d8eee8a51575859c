import type { InputCopies } from '../cache/input-copies.ts';
import type { QueueStorage } from '../cache/queue-storage.ts';
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

/** The browser services that are used, replaceable in tests. */
export interface SessionServices {
  readonly storage: QueueStorage;
  readonly copies: InputCopies;
  readonly outputs: PrivateOutputs;
  readonly journal: JobJournal;
  /** Whether this page may keep the queue: of several pages of the app only one does. */
  claim(): Promise<boolean>;
  /** Asks for permission to read; needs a user gesture. */
  ensureReadable(handle: FileSystemHandle): Promise<boolean>;
  /** The same for writing into a folder. */
  ensureWritable(handle: FileSystemDirectoryHandle): Promise<boolean>;
}

/** Brings the queue of the last visit back, and writes down the present one. */
export class QueueSession extends Store<Leftover | null> {
  readonly keeper: QueueKeeper;
  readonly #services: SessionServices;
  readonly #list: PictureList;
  readonly #destination: Destination;
  #restored: readonly Restored[] = [];
  #cut: readonly CutShort[] = [];
  /** Settles when the headers are read that could be read without asking. */
  #reading: Promise<void> = Promise.resolve();
  /** Settles when the queue of the last visit is in the list, and true when this page keeps it. */
  #listing: Promise<boolean> = Promise.resolve(false);

  constructor(services: SessionServices, list: PictureList, queue: Queue, destination: Destination) {
    super(null);
    this.#services = services;
    this.#list = list;
    this.#destination = destination;
    this.keeper = new QueueKeeper(services.storage, list, queue, destination);
  }

  /** Shows the queue of the last visit; settles when the headers of all readable pictures are read. Never rejects. */
  async restore(): Promise<void> {
    const { outputs } = this.#services;
    this.#listing = this.#bringBack();
    if (!(await this.#listing)) return outputs.claim(new Set());
    const restored = this.#restored;
    const stored = restored.flatMap(({ then }) =>
      then.kind === 'done' && then.place.kind === 'blob' && then.place.stored !== null ? [then.place.stored] : [],
    );
    // One that is known to be done has nothing left to go on with, though the page died before that was struck off the journal.
    const open = restored.filter(({ then }) => then.kind !== 'done').map(({ picture }) => picture.id);
    this.#cut = await this.#services.journal.restore(new Set(open));
    await outputs.claim(new Set(stored));
    this.#count();
    this.#reading = this.#read(restored.filter(({ picture }) => picture.state.kind === 'reading'));
    return this.#reading;
  }

  /** Puts the pictures of the last visit into the list; false where another page keeps the queue. */
  async #bringBack(): Promise<boolean> {
    const { storage, copies } = this.#services;
    if (!(await this.#services.claim().catch(() => false))) return false;
    const saved = await storage.load().catch(() => null);
    this.#restored = saved === null ? [] : await restorePictures(saved, copies);
    const pictures = this.#restored.map(({ picture }) => picture);
    const { session } = saved ?? {};
    if (session != null) {
      this.#destination.restore(session.destination.kind as DestinationKind, session.destination.folder);
    }
    this.#list.restore(pictures, session?.selectedId ?? null);
    this.keeper.start(pictures);
    // Before new ones are made, which nobody knows yet.
    await copies.sweep(new Set(pictures.flatMap(({ copy }) => (copy === null ? [] : [copy]))));
    return true;
  }

  async #read(restored: readonly Restored[]): Promise<void> {
    for (const { picture, then } of restored) await this.#list.read(picture.id, then);
  }

  /** Copies pictures without a handle, so that they survive a reload. */
  async keep(pictures: readonly Picture[]): Promise<void> {
    if (!(await this.#listing)) return;
    for (const { id, handle, file } of pictures) {
      if (handle !== null) continue;
      const copy = await this.#services.copies.add(file);
      if (copy === null) continue;
      if (this.#list.find(id) === null) await this.#services.copies.remove(copy);
      else this.#list.update(id, { copy });
    }
  }

  /** Forgets what belonged to pictures that were taken off the list. */
  forget(pictures: readonly Picture[]): void {
    for (const { id, copy } of pictures) {
      if (copy !== null) void this.#services.copies.remove(copy);
      void this.#services.journal.forget(id);
    }
    this.#count();
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
    const unfinished = this.#restored.filter(({ queued, picture }) => {
      const now = this.#list.find(picture.id);
      return queued && now !== null && now.info !== null && now.state.kind === 'ready';
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
