import { AppError } from '../core/errors.ts';
import '../core/script-policy.ts';
import type { JobServices } from '../pipeline/services.ts';
import type { VipsWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

/** Codes a whole picture in a worker of its own, which takes the library's memory with it when it ends. */
export const encodeInWorker: JobServices['encodeWhole'] = async (raster, format, options, metadata, signal) => {
  if (format !== 'webp' && format !== 'avif' && format !== 'jxl')
    throw new AppError('internal', `${format} is coded in bands`);
  const worker = new Worker(new URL('./vips.worker.ts', import.meta.url), { type: 'module' });
  const remote = new RemoteWorker<VipsWorkerApi>(worker, 'The encoder');
  const onAbort = (): void => remote.terminate(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { quality, chroma } = options;
    return await remote.call((api) => api.encode(raster, format, { quality, chroma }, metadata));
  } finally {
    signal.removeEventListener('abort', onAbort);
    remote.terminate();
  }
};
