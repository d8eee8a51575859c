import { Store } from './store.ts';

/** Changes of the same thing that follow each other this closely, in milliseconds, are undone together. */
const TOGETHER_MS = 1000;
const MAX_STEPS = 200;

interface Step<T> {
  readonly state: T;
  readonly what: string;
  readonly at: number;
}

interface Steps<T> {
  readonly past: readonly Step<T>[];
  readonly future: readonly Step<T>[];
}

/** States to go back to, and forth again. States are never changed in place, so keeping many costs little. */
export class UndoStack<T> extends Store<Steps<T>> {
  constructor() {
    super({ past: [], future: [] });
  }

  get canUndo(): boolean {
    return this.value.past.length > 0;
  }

  get canRedo(): boolean {
    return this.value.future.length > 0;
  }

  /** Remembers the state before a change of `what`; typing a number is one step, not one for each digit. */
  record(before: T, what: string, now: number): void {
    const { past, future } = this.value;
    const last = past.at(-1);
    if (future.length === 0 && last?.what === what && now - last.at < TOGETHER_MS) {
      this.set({ past: [...past.slice(0, -1), { ...last, at: now }], future: [] });
      return;
    }
    this.set({ past: [...past.slice(1 - MAX_STEPS), { state: before, what, at: now }], future: [] });
  }

  /** The state before the last change; null when there is none. `current` can be had again by `redo`. */
  undo(current: T): T | null {
    const { past, future } = this.value;
    const last = past.at(-1);
    if (last === undefined) return null;
    this.set({ past: past.slice(0, -1), future: [...future, { ...last, state: current }] });
    return last.state;
  }

  /** The state that the last `undo` left; null when there is none. */
  redo(current: T): T | null {
    const { past, future } = this.value;
    const next = future.at(-1);
    if (next === undefined) return null;
    // Long ago, so that the next change is a step of its own.
    this.set({ past: [...past, { ...next, state: current, at: -Infinity }], future: future.slice(0, -1) });
    return next.state;
  }
}
