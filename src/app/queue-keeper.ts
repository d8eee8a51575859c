import type { QueueStorage } from '../cache/queue-storage.ts';
import type { QueueRecord, SessionRecord, StoredPlace, StoredResult, StoredState } from '../cache/schema.ts';
import type { Destination } from './destination.ts';
import type { Done, Picture, PictureState, ResultPlace } from './picture.ts';
import type { PictureList } from './picture-list.ts';
import type { Queue } from './queue.ts';

/** Changes are gathered for this long, so that a folder of a thousand pictures is not a thousand transactions. */
const GATHER_MS = 150;

/** A result in memory is gone with the page. */
export function storedPlace(place: ResultPlace): StoredPlace | null {
  if (place.kind !== 'blob') return place;
  const { folders, name, stored } = place;
  return stored === null ? null : { kind: 'private', folders, name, stored };
}

function storedResult({ receipt, place, saved }: Done): StoredResult | null {
  const stored = storedPlace(place);
  return stored === null ? null : { receipt, place: stored, ...(saved === true && { saved }) };
}

function storedState(state: PictureState): StoredState {
  switch (state.kind) {
    case 'queued':
    case 'running': {
      const earlier = state.earlier === undefined ? null : storedResult(state.earlier);
      return { kind: 'queued', ...(earlier !== null && { earlier }) };
    }
    case 'done': {
      const result = storedResult(state);
      return result === null ? { kind: 'ready' } : { kind: 'done', ...result };
    }
    case 'reading':
    case 'ready':
      return { kind: 'ready' };
    case 'cancelled':
    case 'skipped':
    case 'failed':
      return state;
    case 'locked':
      throw new RangeError('a locked picture stays as it was stored');
    default:
      return state satisfies never;
  }
}

function recordOf(picture: Picture): QueueRecord {
  const { id, name, bytes, handle, root, folders, copy, settings, state } = picture;
  return { id, name, bytes, handle, root, folders, copy, settings, state: storedState(state) };
}

/** Whether a change is worth writing: progress comes ten times a second, and is not. */
const isSame = (before: Picture | undefined, now: Picture): boolean =>
  before === now ||
  (before !== undefined &&
    before.settings === now.settings &&
    before.copy === now.copy &&
    before.handle === now.handle &&
    (before.state === now.state || (before.state.kind === 'running' && now.state.kind === 'running')));

/** Writes the queue down as it changes, so that a reload or a crash loses nothing but the present picture. */
export class QueueKeeper {
  readonly #storage: QueueStorage;
  readonly #list: PictureList;
  readonly #queue: Queue;
  readonly #destination: Destination;
  #written = new Map<number, Picture>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> = Promise.resolve();
  #page: string | null = null;
  /** Pages whose pictures this one has taken over, until that is written. */
  #succeeded: string[] = [];
  /** Records that cannot be made sense of, until they are removed. */
  #lost: number[] = [];

  constructor(storage: QueueStorage, list: PictureList, queue: Queue, destination: Destination) {
    this.#storage = storage;
    this.#list = list;
    this.#queue = queue;
    this.#destination = destination;
  }

  /** Begins to write under the name of this page. */
  start(page: string): void {
    this.#page = page;
    for (const store of [this.#list, this.#queue, this.#destination]) store.subscribe(() => this.#soon());
  }

  /**
   * Takes over the pictures of a page that is gone, as they stand in the storage, and removes those that are `lost`. To be called when they
   * are in the list.
   */
  adopt(page: string, pictures: readonly Picture[], lost: readonly number[]): void {
    this.#saving = this.#saving.then(() => {
      for (const picture of pictures) this.#written.set(picture.id, picture);
      this.#succeeded.push(page);
      this.#lost.push(...lost);
    });
    this.#soon();
  }

  /** Writes at once what is to be written; settles when it is. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#page !== null) this.#saving = this.#saving.then(() => this.#save()).catch(() => undefined);
    return this.#saving;
  }

  #soon(): void {
    if (this.#page !== null) this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  async #save(): Promise<void> {
    const { pictures, selectedId } = this.#list.value;
    const changed = pictures.filter(
      (picture) => picture.state.kind !== 'locked' && !isSame(this.#written.get(picture.id), picture),
    );
    const present = new Set(pictures.map(({ id }) => id));
    const lost = this.#lost;
    const remove = [...[...this.#written.keys()].filter((id) => !present.has(id)), ...lost];
    const { kind, folder } = this.#destination.value;
    const session: SessionRecord = {
      order: pictures.map(({ id }) => id),
      selectedId,
      running: this.#queue.value.running,
      destination: { kind, folder },
    };
    const put = changed.map(recordOf);
    const written = new Map(pictures.map((picture) => [picture.id, picture]));
    const succeeded = this.#succeeded;
    await this.#storage.save({ page: this.#page!, succeeded, put, remove, session });
    this.#written = written;
    // Nothing is adopted while it is written.
    this.#succeeded = [];
    this.#lost = [];
  }
}
