/** Stand-ins for the browser and the engine, for the tests of this folder. */
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import { NO_METADATA } from '../core/metadata.ts';
import { DEFAULT_OPTIONS, resolveTarget } from '../core/options.ts';
import type { Environment } from '../pipeline/environment.ts';
import type { JobRequest, JobResult } from '../workers/protocol.ts';
import type { UpscalerPort } from './engine-port.ts';
import type { Done, Picture } from './picture.ts';
import { PictureList, type Inspection } from './picture-list.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

export const INFO: SourceInfo = {
  format: 'jpeg',
  mime: 'image/jpeg',
  width: 2000,
  height: 3000,
  model: 'rgb',
  alpha: false,
  bits: 8,
  channels: 3,
  depth: 8,
  progressive: false,
  frames: 1,
  bytes: 4,
  metadata: NO_METADATA,
  warnings: [],
};

/** A usual computer. */
export const ENVIRONMENT: Environment = {
  ...{ isolated: true, simd: true, nestedWorkers: true, imageBitmap: true, straightAlpha: true },
  ...{ cores: 4, memoryBudget: 2 ** 30 },
};

/** A list of pictures with the usual settings. */
export const fakeList = (): PictureList => new PictureList(inspectFake, () => DEFAULT_SETTINGS);

/** A picture as it stands in the list. */
export const pictureNamed = (name: string, change: Partial<Picture> = {}): Picture => ({
  ...{ id: 1, name, file: fileNamed(name), bytes: 4, handle: null, root: null, folders: [], copy: null },
  ...{ settings: DEFAULT_SETTINGS, info: INFO, size: INFO, profile: null, state: { kind: 'ready' } },
  ...change,
});

export const fileNamed = (name: string, content = 'data'): File => new File([content], name);

/** Reads every file but those named "bad…". */
export function inspectFake(file: File): Promise<Inspection> {
  return file.name.startsWith('bad')
    ? Promise.reject(new AppError('bad-input', `“${file.name}” is damaged.`, { remedy: 'Open another file.' }))
    : Promise.resolve({ info: INFO, size: INFO, profile: null });
}

/** A result as the engine would hand it back. */
export function resultOf(request: JobRequest): JobResult {
  const { output } = request;
  const name = output.kind === 'file' ? output.handle.name : output.name;
  return {
    file: output.kind === 'opfs' || output.kind === 'memory' ? new Blob(['result']) : null,
    receipt: {
      app: 'Pro Upscaler',
      version: '0',
      input: { name: request.sourceName, bytes: 4, format: 'jpeg', width: INFO.width, height: INFO.height },
      output: { name, bytes: 6, format: 'png', depth: 8, ...resolveTarget(INFO, request.options.target) },
      options: request.options,
      engine: 'scalar',
      engineReason: 'A stand-in.',
      ai: null,
      bands: 1,
      timings: { probe: 0, decode: 0, compute: 0, write: 0, total: 1 },
      ledgerPeakBytes: 0,
      metadataKept: [],
      metadataDropped: [],
      warnings: [],
    },
  };
}

/** A finished job whose result only the browser holds. */
export function doneNamed(name: string, change: Partial<Done> = {}): Done {
  const { receipt } = resultOf({
    ...{ source: new File([], name), sourceName: name, options: DEFAULT_OPTIONS, stage: null },
    output: { kind: 'memory', name },
  });
  const place = { kind: 'blob', blob: new Blob([name]), folders: [], name, stored: `stored ${name}` } as const;
  return { kind: 'done', receipt, place, ...change };
}

/** An engine whose jobs each end as `run` says. */
export function fakeEngine(run: UpscalerPort['run']): UpscalerPort {
  return {
    inspect: () => Promise.resolve(INFO),
    environment: () => Promise.resolve(ENVIRONMENT),
    run,
    openPreview: () => Promise.reject(new Error('This engine opens no previews.')),
    setPaused: () => undefined,
    setActing: () => undefined,
    close: () => undefined,
  };
}
