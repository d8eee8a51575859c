import viewerUrl from 'openseadragon/build/openseadragon/openseadragon.min.js?url';
import { AppError } from '../core/errors.ts';
import { say } from '../core/text.ts';

/** The deep-zoom viewer as a classic script of its own, with its licence in its head. */
export async function viewerProgram(): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(viewerUrl).catch(() => null);
  if (response === null || !response.ok) {
    throw new AppError('read-failed', say('The viewer that goes beside the tiles could not be loaded.'), {
      remedy: say('Connect to the network once, or export a pyramid instead.'),
    });
  }
  return new Uint8Array(await response.arrayBuffer());
}
