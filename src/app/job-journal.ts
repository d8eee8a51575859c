import type { JournalStorage } from '../cache/journal-storage.ts';
import type { JournalRecord, JournalTarget } from '../cache/schema.ts';
import type { StageStorage } from '../cache/stage-storage.ts';
import { AppError, isAbort } from '../core/errors.ts';
import type { OutputTarget } from '../workers/protocol.ts';
import { clearUp } from './output-cleaning.ts';
import { isThere } from './output-folders.ts';
import type { PrivateOutputs } from './private-outputs.ts';

/** The browser services that are used, replaceable in tests. */
export interface JournalServices {
  readonly journal: JournalStorage;
  readonly stages: StageStorage;
  readonly outputs: PrivateOutputs;
}

/** A job of an earlier visit that did not end. */
export interface CutShort {
  readonly id: number;
  /** The share 0..1 of it that is kept; null when it begins again. */
  readonly kept: number | null;
}

async function targetOf(output: OutputTarget): Promise<JournalTarget> {
  switch (output.kind) {
    case 'folder': {
      const { handle, name } = output;
      return { kind: 'folder', handle, name, made: !(await isThere(handle, name)) };
    }
    case 'file':
      return { kind: 'file', handle: output.handle, made: output.created };
    case 'opfs':
      return { kind: 'private', name: output.name };
    case 'memory':
    case 'server':
      return { kind: 'memory' };
    default:
      return output satisfies never;
  }
}

/** Versions that knew only one page wrote no name. */
const pageOf = ({ page }: JournalRecord): string => page ?? '';

/**
 * Knows which jobs run, on the disk: written before a job makes anything, and forgotten when it has ended and left nothing. After a crash it says
 * what was going on, what is kept of it, and takes the rest away.
 */
export class JobJournal {
  readonly #services: JournalServices;
  readonly #records = new Map<number, JournalRecord>();
  #writing: Promise<unknown> = Promise.resolve();
  /** Under this page's name it writes; without one it clears up after its own jobs all the same. */
  #page: string | null = null;

  constructor(services: JournalServices) {
    this.#services = services;
  }

  /** Begins to write under the name of this page. */
  start(page: string): void {
    this.#page = page;
  }

  /**
   * Takes over what a page that is gone has left of the pictures `ids`, and clears up after its other jobs; all as far as that needs no
   * asking. Never rejects.
   */
  async adopt(page: string, ids: ReadonlySet<number>): Promise<readonly CutShort[]> {
    const cut: CutShort[] = [];
    for (const record of await this.#services.journal.load().catch(() => [])) {
      if (pageOf(record) !== page && !ids.has(record.id)) continue;
      if (ids.has(record.id)) this.#records.set(record.id, record);
      await this.#clear(record);
      const { stage } = record;
      if (!this.#records.has(record.id)) continue;
      cut.push({ id: record.id, kept: stage === null ? null : await this.#services.stages.progress(stage) });
    }
    return cut;
  }

  /** Clears up after all pages but this one and those that `others` says live. Never rejects. */
  async sweep(others: () => Promise<ReadonlySet<string>>): Promise<void> {
    const records = await this.#services.journal.load().catch(() => []);
    // Asked afterwards: a page that has written and does not live now is gone.
    const living = await others();
    const keep = new Set<string>();
    for (const record of records) {
      if (this.#records.has(record.id) || pageOf(record) === this.#page) continue;
      if (!living.has(pageOf(record))) await this.#clear(record);
      else if (record.stage !== null) keep.add(record.stage);
    }
    for (const { stage } of this.#records.values()) if (stage !== null) keep.add(stage);
    await this.#services.stages.sweep(keep);
  }

  /** Clears up what the browser had to be asked for. */
  async clearAllowed(): Promise<void> {
    for (const record of [...this.#records.values()]) await this.#clear(record);
  }

  /** The stage that an earlier attempt at a picture has left; null without one. */
  stageOf(id: number): string | null {
    return this.#records.get(id)?.stage ?? null;
  }

  /** Before a job makes anything. Settles when a crash would find it. */
  async begin(id: number, output: OutputTarget, stage: string | null): Promise<void> {
    const left = this.#records.get(id);
    // Without it the picture's earlier stage would be forgotten.
    if (left?.stage != null && left.stage !== stage) await this.#services.stages.remove(left.stage);
    const target = await targetOf(output).catch((): JournalTarget => ({ kind: 'memory' }));
    await this.#put({ id, target, stage });
  }

  /** The output has got its name, which is another one where that was taken. */
  opened(id: number, name: string): void {
    const record = this.#records.get(id);
    if (record?.target.kind !== 'folder' || (record.target.made && record.target.name === name)) return;
    void this.#put({ ...record, target: { ...record.target, name, made: true } });
  }

  /** A job has ended; `error` is what it failed with, null when it is done. */
  async end(id: number, error: unknown): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined) return;
    if (error === null) {
      await this.#drop(record);
      return;
    }
    const { target } = record;
    await clearUp(target, this.#services.outputs);
    if (target.kind === 'private') await this.#services.outputs.remove(target.name);
    void this.#services.outputs.clearScratch();
    // Its worker died: nobody took away what is kept, and the next attempt goes on with it.
    const died = !isAbort(error) && error instanceof AppError && error.code === 'worker-died';
    if (died && record.stage !== null) await this.#put({ ...record, target: { kind: 'memory' } });
    else await this.#drop(record);
  }

  /** A picture was taken off the list. */
  async forget(id: number): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined) return;
    await clearUp(record.target, this.#services.outputs);
    await this.#drop(record);
  }

  /** Clears up after a job that did not end. Its record stays as long as there is something to clear or to go on with. */
  async #clear(record: JournalRecord): Promise<void> {
    if (!(await clearUp(record.target, this.#services.outputs))) return;
    if (record.stage === null) this.#records.delete(record.id);
    if (!this.#records.has(record.id)) await this.#services.journal.remove(record.id).catch(() => undefined);
    else if (record.target.kind !== 'memory') await this.#put({ ...record, target: { kind: 'memory' } });
  }

  async #put(record: JournalRecord): Promise<void> {
    this.#records.set(record.id, record);
    if (this.#page === null) return;
    const owned = { ...record, page: this.#page };
    const writing = this.#writing.then(() => this.#services.journal.put(owned)).catch(() => undefined);
    this.#writing = writing;
    await writing;
  }

  async #drop({ id, stage }: JournalRecord): Promise<void> {
    this.#records.delete(id);
    if (stage !== null) await this.#services.stages.remove(stage);
    if (this.#page === null) return;
    this.#writing = this.#writing.then(() => this.#services.journal.remove(id)).catch(() => undefined);
    await this.#writing;
  }
}
