import { PlaneDecoder } from '../codecs/jpeg/plane-decode.ts';
import { hasSimd } from '../pipeline/environment.ts';
import { planeConverters } from '../wasm/jpeg-planes.ts';
import { kernelsModule } from './kernels-module.ts';

let decoder: PlaneDecoder | null = null;

/** The decoder of JPEG planes, which is tried out when it is first asked for in this worker; null without SIMD. */
export function planeDecoder(): PlaneDecoder | null {
  if (hasSimd()) decoder ??= new PlaneDecoder(kernelsModule().then(planeConverters));
  return decoder;
}
