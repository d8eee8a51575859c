import type { OwnModel } from '../models/own-models.ts';
import type { Problem } from './picture.ts';
import { problemOf } from './error-text.ts';
import { Store } from './store.ts';

/** The models that the user has added. */
export interface LibraryState {
  readonly own: readonly OwnModel[];
  /** Name of the file that is being looked at; null when none is. */
  readonly looking: string | null;
  /** Why the last file will not do; null when there was none, or it will. */
  readonly problem: Problem | null;
}

/** What the library needs of the browser; the parts of src/models and src/workers are loaded when they are used. */
export interface LibraryServices {
  list(): Promise<readonly OwnModel[]>;
  add(file: Blob, name: string): Promise<OwnModel>;
  remove(sha256: string): Promise<void>;
}

export const libraryServices: LibraryServices = {
  list: async () => (await import('../models/own-models.ts')).listOwnModels(),
  add: async (file, name) => (await import('../workers/add-model.ts')).addOwnModel(file, name),
  remove: async (sha256) => (await import('../models/own-models.ts')).deleteOwnModel(sha256),
};

export const isModelFile = (file: File): boolean => /\.onnx$/i.test(file.name);

/** Keeps the list of the user's own models, and takes files in. */
export class ModelLibrary extends Store<LibraryState> {
  readonly #services: LibraryServices;
  #listed = false;

  constructor(services: LibraryServices = libraryServices) {
    super({ own: [], looking: null, problem: null });
    this.#services = services;
  }

  /** Reads what earlier visits have kept, once; a browser without storage for it has none. */
  async load(): Promise<void> {
    if (this.#listed) return;
    this.#listed = true;
    const own = await this.#services.list().catch(() => []);
    this.#change({ own });
  }

  /** Looks at a file and keeps it; null, with the problem in the state, when it will not do. */
  async add(file: File): Promise<OwnModel | null> {
    this.#change({ looking: file.name, problem: null });
    try {
      const model = await this.#services.add(file, file.name.replace(/\.onnx$/i, ''));
      const others = this.value.own.filter(({ sha256 }) => sha256 !== model.sha256);
      this.#change({ own: [...others, model], looking: null });
      return model;
    } catch (error) {
      const { message, remedy } = problemOf(error);
      this.#change({ looking: null, problem: { message: `${file.name}: ${message}`, remedy } });
      return null;
    }
  }

  /** Takes the problem as read. */
  dismiss(): void {
    this.#change({ problem: null });
  }

  async remove(sha256: string): Promise<void> {
    await this.#services.remove(sha256);
    this.#change({ own: this.value.own.filter((model) => model.sha256 !== sha256) });
  }

  #change(change: Partial<LibraryState>): void {
    this.set({ ...this.value, ...change });
  }
}
