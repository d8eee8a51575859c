import type { ModelBackend } from '../core/ai.ts';
import type { Size } from '../core/geometry.ts';
import { OrtSession } from './ort.ts';
import type { ModelLayout } from './own-models.ts';

/** How bundled models take their pictures. */
export const PLAIN_LAYOUT: ModelLayout = { order: 'nchw', white: 1, channels: 3 };

/** The sizes of an input tensor. */
export function inputDims({ order, channels }: ModelLayout, { width, height }: Size): number[] {
  return order === 'nchw' ? [1, channels, height, width] : [1, height, width, channels];
}

/** A session, with pictures as planes 0..1 whatever the model's own layout is. */
export class Network {
  readonly #session: OrtSession;
  readonly #layout: ModelLayout;
  readonly #size: Size;

  private constructor(session: OrtSession, layout: ModelLayout, size: Size) {
    this.#session = session;
    this.#layout = layout;
    this.#size = size;
  }

  /** For inputs of one size. Rejects with `no-memory` or `engine-failed`. */
  static async open(
    bytes: Uint8Array<ArrayBuffer>,
    size: Size,
    backend: ModelBackend,
    layout: ModelLayout = PLAIN_LAYOUT,
  ): Promise<Network> {
    return new Network(await OrtSession.open(bytes, backend, inputDims(layout, size)), layout, size);
  }

  /** Planes of red, green and blue, 0..1, in and out; `planes` may be changed. A model of one channel sees each colour by itself. */
  async run(planes: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    if (this.#layout.channels === 3) return throughLayout(this.#session, this.#layout, this.#size, planes);
    const area = planes.length / 3;
    const results: Float32Array[] = [];
    for (let c = 0; c < 3; c++) {
      const plane = planes.slice(c * area, (c + 1) * area);
      results.push(await throughLayout(this.#session, this.#layout, this.#size, plane));
    }
    const joined = new Float32Array(3 * results[0].length);
    results.forEach((result, c) => joined.set(result, c * result.length));
    return joined;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** Runs planes 0..1 through a session in its own layout and range. */
export async function throughLayout(
  session: OrtSession,
  layout: ModelLayout,
  size: Size,
  planes: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { order, white, channels } = layout;
  const data = order === 'nchw' ? planes : interleaved(planes, channels);
  if (white !== 1) for (let i = 0; i < data.length; i++) data[i] *= white;
  const { data: values } = await session.run({ dims: inputDims(layout, size), data });
  if (white !== 1) for (let i = 0; i < values.length; i++) values[i] /= white;
  return order === 'nchw' ? values : planar(values, channels);
}

function interleaved(planes: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const area = planes.length / channels;
  const result = new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < area; i++) result[i * channels + c] = planes[c * area + i];
  return result;
}

function planar(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const area = values.length / channels;
  const result = new Float32Array(values.length);
  for (let i = 0; i < area; i++) for (let c = 0; c < channels; c++) result[c * area + i] = values[i * channels + c];
  return result;
}
