import '../core/script-policy.ts';
import { keepOwnModel, type OwnModel } from '../models/own-models.ts';
import type { ModelWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

/**
 * Finds out what an .onnx file is, in a worker of its own, and keeps it in the app's storage. Rejects with an AppError that says, in
 * a sentence, why a file will not do.
 */
export async function addOwnModel(file: Blob, name: string): Promise<OwnModel> {
  const worker = new Worker(new URL('./model.worker.ts', import.meta.url), { type: 'module' });
  const remote = new RemoteWorker<ModelWorkerApi>(worker, 'The model worker');
  try {
    // One thread: it is there everywhere, and a model that fails on it will fail in the end.
    const model = await remote.call((api) => api.probe(file, name, 'wasm'));
    await keepOwnModel(model, file);
    return model;
  } finally {
    remote.terminate();
  }
}
