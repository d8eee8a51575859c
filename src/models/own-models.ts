import type { ModelShape } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import { say, str } from '../core/text.ts';

/** How a model's numbers lie in its tensors. */
export interface ModelLayout {
  readonly order: 'nchw' | 'nhwc';
  /** The value of white: 1 or 255. */
  readonly white: 1 | 255;
  /** 1: it takes one plane, and each colour goes through it by itself. */
  readonly channels: 1 | 3;
}

/** A model that the user has added. Plain JSON, kept beside the file. */
export interface OwnModel {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly shape: ModelShape;
  readonly layout: ModelLayout;
  /** Milliseconds for a megapixel of its output, measured here when it was added. */
  readonly msPerMegapixel: number;
  /** Memory for each pixel of a tile's input on the product's own SIMD kernels; undefined where ONNX Runtime runs it. */
  readonly kernelBytes?: number;
}

/** Whether the product's own kernels run a model: they have given what ONNX Runtime gives when it was added. */
export const runsOnKernels = ({ kernelBytes }: OwnModel): boolean => kernelBytes !== undefined;

const FOLDER = 'models';

async function folder(): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create: true });
  } catch (cause) {
    throw new AppError('write-failed', say('This browser gives the app no storage for models.'), {
      remedy: say('Use a bundled model.'),
      cause,
    });
  }
}

async function readFile(name: string): Promise<File | null> {
  const handle = await (await folder()).getFileHandle(name).catch(() => null);
  return handle === null ? null : handle.getFile();
}

async function writeFile(name: string, data: Blob): Promise<void> {
  const handle = await (await folder()).getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  try {
    await stream.write(data);
    await stream.close();
  } catch (cause) {
    await stream.abort().catch(() => undefined);
    throw new AppError(
      'no-quota',
      say(str`The model could not be kept: ${cause instanceof Error ? cause.message : String(cause)}`),
      {
        remedy: say('Free some storage, or delete another model.'),
        cause,
      },
    );
  }
}

/** The bytes of a kept model. */
export async function readOwnModel(sha256: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await readFile(`${sha256}.onnx`);
  if (file !== null) return new Uint8Array(await file.arrayBuffer());
  throw new AppError('bad-options', say('The model that was chosen is not kept in this browser any more.'), {
    remedy: say('Add its file again.'),
    values: { sha256 },
  });
}

/** What is known of a kept model; null when it is not there. */
export async function findOwnModel(sha256: string): Promise<OwnModel | null> {
  const file = await readFile(`${sha256}.json`);
  if (file === null) return null;
  try {
    return JSON.parse(await file.text()) as OwnModel;
  } catch {
    // A record that was cut off in the middle: as if there were none.
    return null;
  }
}

/** All kept models, by name. */
export async function listOwnModels(): Promise<OwnModel[]> {
  const models: OwnModel[] = [];
  for await (const name of (await folder()).keys()) {
    const model = name.endsWith('.json') ? await findOwnModel(name.slice(0, -'.json'.length)) : null;
    if (model !== null) models.push(model);
  }
  return models.sort((a, b) => a.name.localeCompare(b.name));
}

/** Keeps a model; the record is written last, so that a model is listed only when its file is whole. */
export async function keepOwnModel(model: OwnModel, file: Blob): Promise<void> {
  await writeFile(`${model.sha256}.onnx`, file);
  await writeFile(`${model.sha256}.json`, new Blob([JSON.stringify(model)]));
}

export async function renameOwnModel(sha256: string, name: string): Promise<void> {
  const model = await findOwnModel(sha256);
  if (model !== null) await writeFile(`${sha256}.json`, new Blob([JSON.stringify({ ...model, name })]));
}

export async function deleteOwnModel(sha256: string): Promise<void> {
  const kept = await folder();
  for (const name of [`${sha256}.json`, `${sha256}.onnx`]) await kept.removeEntry(name).catch(() => undefined);
}
