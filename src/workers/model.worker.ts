/** Hosts the networks that are open on one backend: in ONNX Runtime, or on kernels of our own. */
import { expose, transfer } from 'comlink';
import '../core/script-policy.ts';
import type { ModelBackend } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { findBundled } from '../models/catalogue.ts';
import { loadModel } from '../models/files.ts';
import { findOwnModel, type OwnModel } from '../models/own-models.ts';
import { probeModel } from '../models/probe-model.ts';
import type { ModelSource } from '../models/runner.ts';
import { openNetwork, tryKernels, type OpenNetwork } from './model-networks.ts';
import type { ModelWorkerApi } from './protocol.ts';
import { installErrorTransfer } from './transfer.ts';

class ModelWorker implements ModelWorkerApi {
  readonly #networks = new Map<number, OpenNetwork>();
  #turn: Promise<unknown> = Promise.resolve();
  #count = 0;

  async open({ model, noise }: ModelSource, input: Size, backend: ModelBackend): Promise<number> {
    const bytes = await loadModel(model, noise);
    const own = model.kind === 'own' ? await findOwnModel(model.sha256) : null;
    const shape = model.kind === 'own' ? model.shape : findBundled(model.id)!.shape;
    const network = await this.#inTurn(() => openNetwork(bytes, { model, shape, own }, input, backend));
    const id = this.#count++;
    this.#networks.set(id, network);
    return id;
  }

  async run(id: number, input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    const network = this.#networks.get(id);
    if (!network) throw new AppError('internal', 'a network was used after it was closed');
    const output = await this.#inTurn(() => network.run(input));
    return transfer(output, [output.buffer]);
  }

  async close(id: number): Promise<void> {
    const network = this.#networks.get(id);
    this.#networks.delete(id);
    await this.#inTurn(() => network?.close() ?? Promise.resolve());
  }

  probe(file: Blob, name: string, backend: ModelBackend): Promise<OwnModel> {
    return this.#inTurn(() => probeModel(file, name, backend, tryKernels));
  }

  /** The runtime takes one call at a time. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

installErrorTransfer();
expose(new ModelWorker());
