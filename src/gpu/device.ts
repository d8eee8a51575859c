import { AppError } from '../core/errors.ts';
import { say, type Text } from '../core/text.ts';

/** What was found out about the GPU, for receipts, the profile page and the choice of the engine. Plain data. */
export interface GpuDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** WebGPU computed by the processor: right, but slower than the SIMD engine. */
  readonly isSoftware: boolean;
  readonly features: readonly string[];
  readonly limits: GpuLimits;
}

/** The limits that plans are made with; bytes, but for the last one. */
export interface GpuLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly minUniformBufferOffsetAlignment: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

export interface DeviceOptions {
  /** `navigator.gpu` unless told; null where there is none. */
  readonly gpu?: GPU | null;
  /** `default` asks for nothing beyond what WebGPU promises everywhere; `adapter`, the default, for what there is. */
  readonly limits?: 'adapter' | 'default';
  /** False refuses adapters that the processor computes, before anything is compiled for them; true unless told. */
  readonly allowSoftware?: boolean;
}

export interface OpenedDevice {
  readonly device: GPUDevice;
  readonly description: GpuDescription;
}

/** Asked for when the adapter has them; nothing depends on them. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query'];

const engineFailed = (message: Text, cause?: unknown): AppError =>
  new AppError('engine-failed', message, { remedy: say('The SIMD engine does the same on the processor.'), cause });

/**
 * Whether an adapter is computed by the processor: SwiftShader (Chromium's, vendor `google`), Mesa's llvmpipe, Windows' WARP.
 * Chromium does not set `isFallbackAdapter` for all of them.
 */
export function isSoftwareAdapter(
  info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'> & { isFallbackAdapter?: boolean },
): boolean {
  const text = `${info.architecture} ${info.device} ${info.description}`;
  const named = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software/i.test(text);
  return info.isFallbackAdapter === true || info.vendor === 'google' || named;
}

/**
 * A device on the fastest adapter, with the limits raised as asked. Rejects with `engine-failed` when there is no WebGPU, no adapter, or it
 * gives no device.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<OpenedDevice> {
  const gpu = options.gpu === undefined ? (navigator.gpu as GPU | undefined) : options.gpu;
  if (!gpu) throw engineFailed(say('This browser has no WebGPU.'));
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((cause: unknown) => {
    throw engineFailed(say('The browser failed to look for a GPU.'), cause);
  });
  if (!adapter) throw engineFailed(say('The browser offers no GPU.'));
  if (options.allowSoftware === false && isSoftwareAdapter(adapter.info)) {
    throw engineFailed(say('The only GPU here is one that the processor computes.'));
  }
  const features = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const raised = { maxBufferSize, maxStorageBufferBindingSize };
  const device = await adapter
    .requestDevice({
      label: 'upscaler',
      requiredFeatures: features,
      requiredLimits: options.limits === 'default' ? {} : raised,
    })
    .catch((cause: unknown) => {
      throw engineFailed(say('The GPU gave no device.'), cause);
    });
  return { device, description: describe(adapter.info, device, features) };
}

function describe(info: GPUAdapterInfo, device: GPUDevice, features: readonly string[]): GpuDescription {
  const { vendor, architecture, description } = info;
  const { limits } = device;
  return {
    vendor,
    architecture,
    description,
    isSoftware: isSoftwareAdapter(info),
    features,
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      minUniformBufferOffsetAlignment: limits.minUniformBufferOffsetAlignment,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  };
}
