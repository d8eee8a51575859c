import { InferenceSession, Tensor } from 'onnxruntime-web';
import type { ModelBackend } from '../../src/core/ai.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/geometry.ts';
import { fileFor, findBundled } from '../../src/models/catalogue.ts';
import type { ModelRunner, ModelRunners, ModelSource } from '../../src/models/runner.ts';
import { modelBytes } from './models.ts';

/** Bundled networks in this thread. */
export class LocalRunners implements ModelRunners {
  #turn: Promise<unknown> = Promise.resolve();
  readonly #after: (value: number) => number;

  /** `after` changes every value that a network gives. */
  constructor(after: (value: number) => number = (value) => value) {
    this.#after = after;
  }

  backends(): Promise<readonly ModelBackend[]> {
    return Promise.resolve(['wasm']);
  }

  async open({ model, noise }: ModelSource, input: Size, backend: ModelBackend): Promise<ModelRunner> {
    if (model.kind !== 'bundled') throw new AppError('bad-options', 'only bundled models in tests');
    const session = await InferenceSession.create(modelBytes(fileFor(findBundled(model.id)!, noise)!));
    return {
      backend,
      run: (planes) => {
        const tensor = new Tensor('float32', planes, [1, 3, input.height, input.width]);
        const result = this.#turn.then(() => session.run({ input: tensor }));
        this.#turn = result.catch(() => undefined);
        return result.then(({ output }) => Float32Array.from(output.data as Float32Array, this.#after));
      },
      close: () => session.release(),
    };
  }

  close(): void {}
}

/** What a fake network does at its n-th run (from 0), on a backend and with an input of a size. */
export type FakeRun = (
  planes: Float32Array<ArrayBuffer>,
  call: { readonly index: number; readonly backend: ModelBackend; readonly input: Size },
) => Float32Array<ArrayBuffer>;

/** A network that enlarges by repeating pixels; exact in tiles of any size. */
export function repeatPixels(planes: Float32Array, { width, height }: Size, scale: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(planes.length * scale * scale);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const from = (c * height + Math.floor(y / scale)) * width + Math.floor(x / scale);
        result[(c * height * scale + y) * width * scale + x] = planes[from];
      }
    }
  }
  return result;
}

/** Runs a function in a network's place, and remembers what it was opened for. */
export class FakeRunners implements ModelRunners {
  readonly opened: { readonly backend: ModelBackend; readonly input: Size }[] = [];
  readonly #backends: readonly ModelBackend[];
  readonly #run: FakeRun;
  #calls = 0;

  constructor(backends: readonly ModelBackend[], run: FakeRun) {
    this.#backends = backends;
    this.#run = run;
  }

  backends(): Promise<readonly ModelBackend[]> {
    return Promise.resolve(this.#backends);
  }

  open(_source: ModelSource, input: Size, backend: ModelBackend): Promise<ModelRunner> {
    this.opened.push({ backend, input });
    return Promise.resolve({
      backend,
      run: async (planes) => {
        const index = this.#calls++;
        await Promise.resolve();
        return this.#run(planes, { index, backend, input });
      },
      close: () => Promise.resolve(),
    });
  }

  close(): void {}
}
