import { AppError } from '../core/errors.ts';
import { reflectShader, type ShaderLayout } from './reflect.ts';
import { resolveShader } from './shaders.ts';
import { say, str } from '../core/text.ts';

/** A compute pipeline with what the recorder needs to use it. */
export interface CompiledPass {
  readonly key: string;
  readonly pipeline: GPUComputePipeline;
  readonly groupLayout: GPUBindGroupLayout;
  readonly layout: ShaderLayout;
}

/** A pass as named by a plan: a file of wgsl/, and whether its LIMIT override is set. */
export interface PassVariant {
  readonly name: string;
  readonly limit?: boolean;
}

const keyOf = ({ name, limit }: PassVariant): string => (limit ? `${name}+limit` : name);

/** Bytes of a dynamic uniform binding: every Params struct fits (a test holds them to it). */
export const PARAM_BYTES = 256;

const layouts = new Map<string, ShaderLayout>();

/** The layout of a pass, read from its WGSL once. */
export function layoutOf(name: string): ShaderLayout {
  const known = layouts.get(name);
  if (known) return known;
  const layout = reflectShader(resolveShader(name));
  layouts.set(name, layout);
  return layout;
}

/** Compiles passes in the background, each once per device. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #started = new Map<string, Promise<CompiledPass>>();
  readonly #ready = new Map<string, CompiledPass>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Starts to compile what is not yet compiled, and waits for it. Rejects with `engine-failed`; a failure is forgotten. */
  async prepare(variants: readonly PassVariant[]): Promise<void> {
    await Promise.all(variants.map((variant) => this.#start(variant)));
  }

  /** A pass that was prepared. */
  get(variant: PassVariant): CompiledPass {
    const compiled = this.#ready.get(keyOf(variant));
    if (!compiled) throw new AppError('internal', `The pass ${keyOf(variant)} was used before it was prepared.`);
    return compiled;
  }

  #start(variant: PassVariant): Promise<CompiledPass> {
    const key = keyOf(variant);
    const started = this.#started.get(key) ?? this.#compile(variant, key);
    this.#started.set(key, started);
    return started;
  }

  async #compile({ name, limit }: PassVariant, key: string): Promise<CompiledPass> {
    const device = this.#device;
    const layout = layoutOf(name);
    try {
      const module = device.createShaderModule({ label: name, code: resolveShader(name) });
      const groupLayout = device.createBindGroupLayout({
        label: name,
        entries: layout.bindings.map(({ index, type }) => ({
          binding: index,
          visibility: GPUShaderStage.COMPUTE,
          buffer: type === 'uniform' ? { type, hasDynamicOffset: true } : { type },
        })),
      });
      const pipeline = await device.createComputePipelineAsync({
        label: key,
        layout: device.createPipelineLayout({ label: name, bindGroupLayouts: [groupLayout] }),
        compute: { module, entryPoint: 'main', ...(limit ? { constants: { LIMIT: 1 } } : {}) },
      });
      const compiled = { key, pipeline, groupLayout, layout };
      this.#ready.set(key, compiled);
      return compiled;
    } catch (cause) {
      this.#started.delete(key);
      throw new AppError('engine-failed', say(str`The GPU's driver could not compile the pass ${key}.`), { cause });
    }
  }
}
