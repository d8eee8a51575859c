import type { ModelRef, NoiseLevel } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import { fileFor, fileHash, findBundled } from './catalogue.ts';
import animevideo from './data/animevideo.onnx?url';
import cunetNoise1 from './data/cunet-noise1.onnx?url';
import cunet from './data/cunet.onnx?url';
import upconv7 from './data/upconv7.onnx?url';
import anime4kRestore from './generated/anime4k-restore.onnx?url';
import anime4kS from './generated/anime4k-s.onnx?url';
import anime4kUl from './generated/anime4k-ul.onnx?url';
import { readOwnModel } from './own-models.ts';
import { sha256Of } from './sha256.ts';
import { say, str } from '../core/text.ts';

/** Addresses of the bundled files, of the app's own origin; the build puts a hash of the content into each. */
const URLS: Readonly<Record<string, string>> = {
  animevideo,
  cunet,
  'cunet-noise1': cunetNoise1,
  upconv7,
  'anime4k-s': anime4kS,
  'anime4k-ul': anime4kUl,
  'anime4k-restore': anime4kRestore,
};

/** The file of a bundled model, or a `bad-options` that says what there is. */
function bundledFile(id: string, noise: NoiseLevel | null): { readonly name: string; readonly sha256: string } {
  const model = findBundled(id);
  if (model === null) throw new AppError('bad-options', say(str`There is no model ${id}.`), { values: { id } });
  const file = fileFor(model, noise);
  if (file !== null) return file;
  const levels = Object.keys(model.denoising);
  throw new AppError('bad-options', say(str`${model.label} has no noise level ${noise ?? ''}.`), {
    remedy: levels.length > 0 ? say(str`Choose noise level ${levels}, or none.`) : say('It does not remove noise.'),
    values: { id },
  });
}

/** Reads a model's file and checks its hash. Rejects with an AppError when it is missing or not what it should be. */
export async function loadModel(model: ModelRef, noise: NoiseLevel | null): Promise<Uint8Array<ArrayBuffer>> {
  const bytes =
    model.kind === 'own' ? await readOwnModel(model.sha256) : await fetchBundled(bundledFile(model.id, noise).name);
  const expected = fileHash({ model, noise });
  // Without a secure context there is no digest; own files come from the page's own storage then.
  if (typeof crypto.subtle === 'object' && (await sha256Of(bytes)) !== expected) {
    const name = model.kind === 'own' ? model.name : model.id;
    throw new AppError('bad-input', say(str`The file of the model ${name} is damaged: its hash is not ${expected}.`), {
      remedy: model.kind === 'own' ? say('Delete the model and add it again.') : say('Reload the app.'),
      values: { name, expected },
    });
  }
  return bytes;
}

async function fetchBundled(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(URLS[name]).catch((cause: unknown) => {
    throw new AppError('read-failed', say(str`The model file ${name} could not be loaded.`), {
      remedy: say('Connect once, so that the app can keep it.'),
      cause,
    });
  });
  if (!response.ok)
    throw new AppError('read-failed', say(str`The model file ${name} could not be loaded.`), {
      values: { status: response.status },
    });
  return new Uint8Array(await response.arrayBuffer());
}
