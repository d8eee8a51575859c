import { AppError } from '../core/errors.ts';
import type { GpuLimits } from './device.ts';
import { PARAM_BYTES, type PassVariant, type Pipelines } from './pipelines.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import { writeParams, type ParamValues } from './reflect.ts';
import { StageClock } from './stage-clock.ts';

/** One dispatch, as data. */
export interface PassCommand {
  readonly kind: 'pass';
  readonly pass: PassVariant;
  /** By the names in the WGSL, all but `params`. */
  readonly bindings: Readonly<Record<string, PooledBuffer>>;
  readonly params: ParamValues;
  /** Workgroups in each dimension. */
  readonly workgroups: readonly [number, number, number];
}

/** What can be asked of the GPU. Sizes and offsets are bytes, multiples of 4. */
export type GpuCommand =
  | PassCommand
  /** Copies host memory; done before everything else of the same submission. */
  | { readonly kind: 'upload'; readonly to: PooledBuffer; readonly offset: number; readonly data: ArrayBufferView }
  | { readonly kind: 'clear'; readonly buffer: PooledBuffer; readonly bytes: number }
  | {
      readonly kind: 'copy';
      readonly from: PooledBuffer;
      readonly fromOffset: number;
      readonly to: PooledBuffer;
      readonly bytes: number;
    };

/**
 * The only place that submits work. Every submission runs in error scopes, so that memory that has run out and mistakes become
 * a rejection of the job that caused them.
 */
export class Recorder {
  readonly #device: GPUDevice;
  readonly #pipelines: Pipelines;
  readonly #pool: BufferPool;
  readonly #limits: GpuLimits;
  readonly #stride: number;
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly clock: StageClock | null;
  #uniforms: PooledBuffer | null = null;
  #staging = new DataView(new ArrayBuffer(0));

  /** With `profile`, and where the device has timestamps, the time of each pass is measured; that costs some speed. */
  constructor(device: GPUDevice, pipelines: Pipelines, pool: BufferPool, limits: GpuLimits, profile: boolean) {
    this.#device = device;
    this.#pipelines = pipelines;
    this.#pool = pool;
    this.#limits = limits;
    this.#stride = Math.max(PARAM_BYTES, limits.minUniformBufferOffsetAlignment);
    this.clock = profile && device.features.has('timestamp-query') ? new StageClock(device) : null;
  }

  /**
   * Runs `record`, which may acquire buffers, and submits the commands it returns, in one go. Settles when the browser has accepted
   * them, not when they are done; rejects with `engine-failed`. What is submitted first is done first.
   */
  submit(label: string, record: () => readonly GpuCommand[]): Promise<void> {
    const device = this.#device;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    let thrown: { readonly error: unknown } | null = null;
    try {
      this.#execute(label, record());
    } catch (error) {
      thrown = { error };
    }
    const scopes = Promise.all([device.popErrorScope(), device.popErrorScope()]).catch(() => [null, null]);
    if (thrown !== null) return Promise.reject(thrown.error);
    return scopes.then(([validation, memory]) => {
      if (memory) throw engineFailed('The GPU has no memory left', memory);
      if (validation) throw engineFailed('The GPU refused a command', validation);
    });
  }

  /** Settles when everything submitted so far has been done. */
  async done(): Promise<void> {
    await this.#device.queue.onSubmittedWorkDone();
  }

  /** Forgets the bind groups, which refer to buffers that are about to be destroyed. */
  forgetGroups(): void {
    this.#groups.clear();
  }

  /** Ends the use of this recorder. */
  reset(): void {
    this.forgetGroups();
    if (this.#uniforms !== null) this.#pool.release(this.#uniforms);
    this.#uniforms = null;
    this.clock?.destroy();
  }

  #execute(label: string, commands: readonly GpuCommand[]): void {
    const { queue } = this.#device;
    const passes = commands.filter((command) => command.kind === 'pass');
    const uniforms = this.#writeUniforms(passes);
    const encoder = this.#device.createCommandEncoder({ label });
    let open: GPUComputePassEncoder | null = null;
    let uniformOffset = 0;
    const close = (): void => {
      open?.end();
      open = null;
    };
    for (const command of commands) {
      switch (command.kind) {
        case 'upload': {
          const { buffer, byteOffset, byteLength } = command.data;
          queue.writeBuffer(command.to.buffer, command.offset, buffer, byteOffset, byteLength);
          break;
        }
        case 'clear':
          close();
          encoder.clearBuffer(command.buffer.buffer, 0, command.bytes);
          break;
        case 'copy':
          close();
          encoder.copyBufferToBuffer(command.from.buffer, command.fromOffset, command.to.buffer, 0, command.bytes);
          break;
        case 'pass': {
          const timed = this.clock?.begin(command.pass.name);
          if (timed) close();
          open ??= encoder.beginComputePass(timed ? { label, timestampWrites: timed } : { label });
          this.#dispatch(open, command, uniforms, uniformOffset);
          uniformOffset += this.#stride;
          break;
        }
        default:
          command satisfies never;
      }
    }
    close();
    this.clock?.resolve(encoder);
    queue.submit([encoder.finish({ label })]);
    this.clock?.collect();
  }

  #dispatch(open: GPUComputePassEncoder, command: PassCommand, uniforms: PooledBuffer, offset: number): void {
    const compiled = this.#pipelines.get(command.pass);
    const most = this.#limits.maxComputeWorkgroupsPerDimension;
    if (command.workgroups.some((count) => count > most)) {
      const counts = command.workgroups.join(' x ');
      throw new AppError('engine-failed', `A dispatch of ${counts} workgroups exceeds the GPU's limit of ${most}.`);
    }
    open.setPipeline(compiled.pipeline);
    open.setBindGroup(0, this.#group(command, uniforms), [offset]);
    open.dispatchWorkgroups(...command.workgroups);
  }

  #group(command: PassCommand, uniforms: PooledBuffer): GPUBindGroup {
    const { key, groupLayout, layout } = this.#pipelines.get(command.pass);
    const buffers = layout.bindings.map(({ name, type }) => {
      const buffer = type === 'uniform' ? uniforms : command.bindings[name];
      if (!buffer) throw new AppError('internal', `The pass ${key} was given no buffer for ${name}.`);
      return buffer;
    });
    const id = `${key} ${buffers.map((buffer) => buffer.id).join(' ')}`;
    const known = this.#groups.get(id);
    if (known) return known;
    const group = this.#device.createBindGroup({
      label: key,
      layout: groupLayout,
      entries: layout.bindings.map(({ index, type }, i) => ({
        binding: index,
        resource: { buffer: buffers[i].buffer, ...(type === 'uniform' ? { size: PARAM_BYTES } : {}) },
      })),
    });
    this.#groups.set(id, group);
    return group;
  }

  /** The parameters of all passes, each at its own offset, in one upload: it comes after earlier submissions and before this one. */
  #writeUniforms(passes: readonly PassCommand[]): PooledBuffer {
    const bytes = Math.max(1, passes.length) * this.#stride;
    if (this.#uniforms === null || this.#uniforms.size < bytes) {
      if (this.#uniforms !== null) this.#pool.release(this.#uniforms);
      this.#uniforms = this.#pool.acquire(bytes, 'uniform', 'params');
    }
    if (this.#staging.byteLength < bytes) this.#staging = new DataView(new ArrayBuffer(bytes));
    passes.forEach((command, i) => {
      const { layout } = this.#pipelines.get(command.pass);
      writeParams(layout, command.params, new DataView(this.#staging.buffer, i * this.#stride, PARAM_BYTES));
    });
    this.#device.queue.writeBuffer(this.#uniforms.buffer, 0, this.#staging.buffer, 0, bytes);
    return this.#uniforms;
  }
}

const engineFailed = (message: string, error: GPUError): AppError =>
  new AppError('engine-failed', `${message}: ${error.message}`, { remedy: 'The SIMD engine does the same.' });
