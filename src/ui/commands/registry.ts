import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Store } from '../../app/store.ts';
import type { IconName } from '../icons.ts';

/** The parts of the palette and of the shortcut sheet, in their order. */
export const COMMAND_GROUPS = ['file', 'queue', 'view', 'settings', 'app'] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/**
 * One thing that a person can do, for keys, buttons, the command palette and the shortcut sheet alike. Each part of the page
 * registers its own.
 */
export interface Command {
  /** Unique, e.g. "queue.pause". */
  readonly id: string;
  readonly group: CommandGroup;
  /** In the present language; called at each use. */
  title(): string;
  /** What else it is looked for by, in the present language: words that its title does not have. */
  words?(): string;
  readonly icon?: IconName;
  /**
   * Shortcuts such as "Mod+K", "Shift+Delete", "F" or "?", where Mod is Ctrl, or Command on a Mac. Single characters are as
   * typed, so that "?" needs no Shift. They do nothing while text is entered, except those with Mod.
   */
  readonly keys?: readonly string[];
  /** The keys are listed only: the element that has the focus deals with them itself. */
  readonly keysAreLocal?: boolean;
  /** False keeps it out of the palette: for keys that only make sense where the focus is. */
  readonly listed?: boolean;
  /** Whether it can be done now; always, when left out. */
  enabled?(): boolean;
  /** Present for switches: whether it is on. */
  checked?(): boolean;
  run(): void | Promise<void>;
}

/** All commands of the page. */
export class CommandRegistry extends Store<readonly Command[]> {
  constructor() {
    super([]);
  }

  /** Adds commands until the returned function is called. Throws when an id is taken. */
  register(commands: readonly Command[]): () => void {
    const taken = commands.find(({ id }) => this.find(id) !== null);
    if (taken !== undefined) throw new RangeError(`two commands are named ${taken.id}`);
    this.set([...this.value, ...commands]);
    return () => this.set(this.value.filter((command) => !commands.includes(command)));
  }

  find(id: string): Command | null {
    return this.value.find((command) => command.id === id) ?? null;
  }

  /** Does what a command says, if there is such a command and it can be done now. */
  run(id: string): void {
    const command = this.find(id);
    if (command !== null && command.enabled?.() !== false) void command.run();
  }
}

export const commands = new CommandRegistry();

/** Registers an element's commands while it is on the page. `list` is called when it is connected. */
export class CommandController implements ReactiveController {
  readonly #list: () => readonly Command[];
  #stop: (() => void) | null = null;

  constructor(host: ReactiveControllerHost, list: () => readonly Command[]) {
    this.#list = list;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = commands.register(this.#list());
  }

  /** Registers the list anew, after what it depends on has changed. */
  refresh(): void {
    if (this.#stop === null) return;
    this.hostDisconnected();
    this.hostConnected();
  }

  hostDisconnected(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
