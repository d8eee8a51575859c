import { isGraph, type GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { AppError } from '../core/errors.ts';
import type { Planes } from '../core/reference/network.ts';
import type { GpuContext } from './context.ts';
import { graphPasses, GraphPasses } from './graph-passes.ts';
import { NETWORK_PASSES, NetworkPasses } from './network-passes.ts';
import { BufferPool, type PooledBuffer } from './pool.ts';
import { readBuffer } from './readback.ts';
import { Recorder, type GpuCommand } from './recorder.ts';
import type { TilePasses } from './tile-passes.ts';

/** Multiplications that one submission may have: some milliseconds even of a small GPU, so that others get their turn. */
const MOST_WORK = 4e9;

/** Runs a network over tiles with WebGPU, in floats. Whatever goes wrong with the device is an `engine-failed`. */
export class GpuNetwork {
  readonly #context: GpuContext;
  readonly #pool: BufferPool;
  readonly #recorder: Recorder;
  readonly #passes: TilePasses;

  private constructor(context: GpuContext, network: Network | GraphNetwork) {
    const { device, pipelines, description } = context;
    this.#context = context;
    this.#pool = new BufferPool(device, description.limits);
    this.#recorder = new Recorder(device, pipelines, this.#pool, description.limits, false);
    this.#passes = isGraph(network) ? new GraphPasses(network, this.#pool) : new NetworkPasses(network, this.#pool);
  }

  /** The context stays the caller's. Throws a RangeError for a network of the wrong shape. */
  static async open(context: GpuContext, network: Network | GraphNetwork): Promise<GpuNetwork> {
    await context.pipelines.prepare(isGraph(network) ? graphPasses(network) : NETWORK_PASSES);
    return new GpuNetwork(context, network);
  }

  /** Pixels of the input at each side that the result lacks. */
  get radius(): number {
    return this.#passes.radius;
  }

  get liveBuffers(): number {
    return this.#pool.liveBuffers;
  }

  /** Three planes 0..1; the result lacks `radius` pixels of the input at each side. One call at a time. */
  async run({ width, height, data }: Planes): Promise<Planes> {
    const { failure } = this.#context;
    if (failure !== null) throw failure;
    const { scale, radius, gateBytes } = this.#passes;
    const size = { width: scale * (width - 2 * radius), height: scale * (height - 2 * radius) };
    const bytes = 12 * size.width * size.height;
    const held: PooledBuffer[] = [];
    const acquire = (count: number, role: 'storage' | 'readback', label: string): PooledBuffer => {
      const buffer = this.#pool.acquire(count, role, label);
      if (role === 'storage') held.push(buffer);
      return buffer;
    };
    let readback: PooledBuffer | null = null;
    const accepted: Promise<void>[] = [];
    try {
      let rest: GpuCommand[][] = [];
      accepted.push(
        this.#recorder.submit('network', () => {
          const buffers = {
            planes: acquire(data.byteLength, 'storage', 'planes'),
            tensors: this.#passes.tensorBytes(width, height).map((count) => acquire(count, 'storage', 'tensors')),
            gates: gateBytes === 0 ? null : acquire(gateBytes, 'storage', 'gates'),
            findsGates: true,
            enlarged: acquire(bytes, 'storage', 'enlarged'),
          };
          readback = acquire(bytes, 'readback', 'enlarged');
          const uploads = this.#passes.uploads();
          const copy: GpuCommand = { kind: 'copy', from: buffers.enlarged, fromOffset: 0, to: readback, bytes };
          const upload: GpuCommand = { kind: 'upload', to: buffers.planes, offset: 0, data };
          rest = this.#passes.submissions(width, height, buffers, { ...size, x: 0, y: 0 }, MOST_WORK);
          rest.at(-1)!.push(copy);
          return [...uploads, upload, ...(rest.shift() ?? [])];
        }),
      );
      for (const commands of rest) accepted.push(this.#recorder.submit('network', () => commands));
      if (readback === null) throw new AppError('internal', 'nothing was recorded');
      const read = readBuffer(this.#context.device, this.#pool, readback, bytes, (mapped) =>
        new Float32Array(mapped.buffer, mapped.byteOffset, bytes / 4).slice(),
      );
      const [result] = await Promise.all([read, ...accepted]);
      return { ...size, data: result };
    } catch (error) {
      await Promise.allSettled(accepted);
      throw this.#context.failure ?? error;
    } finally {
      for (const buffer of held) this.#pool.release(buffer);
    }
  }

  close(): void {
    this.#recorder.reset();
    this.#pool.close();
  }
}
