/** What this machine and browser bring to the work. */
export interface Device {
  /** Logical processors; 0 when the browser does not tell. */
  readonly processors: number;
  /** Main memory in GiB, in the coarse steps that browsers tell; null where they do not. */
  readonly memoryGiB: number | null;
  readonly simd: boolean;
  /** SharedArrayBuffer and threads. */
  readonly sharedMemory: boolean;
  /** The graphics processor as WebGPU names it; null without WebGPU. */
  readonly gpu: string | null;
  /** Bytes of the browser's storage; null where it does not tell. */
  readonly storage: { readonly used: number; readonly quota: number; readonly persistent: boolean } | null;
  /** Results can be written straight into a folder. */
  readonly folders: boolean;
  readonly browser: string;
}

/** A module whose one function makes a vector: it is valid where SIMD is. */
const SIMD_MODULE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // one function of that type
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b], // i32.const 0, i8x16.splat
]);

async function gpuName(): Promise<string | null> {
  try {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter == null) return null;
    const { vendor, architecture, description } = adapter.info;
    return description || [vendor, architecture].filter(Boolean).join(' ') || 'WebGPU';
  } catch {
    return null;
  }
}

/** How full the browser's storage is; null where it does not tell. */
export async function storageState(): Promise<Device['storage']> {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { used: usage, quota, persistent: await navigator.storage.persisted() };
  } catch {
    // Private windows, and pages that are not served securely.
    return null;
  }
}

/** Asks the browser not to clear the app's storage when the disk fills up; some ask the person. Whether it is so. */
export async function persistStorage(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}

/** Bytes that the browser's storage has left for this page; null where it does not tell. */
export async function storageLeft(): Promise<number | null> {
  const state = await storageState();
  return state === null || state.quota === 0 ? null : Math.max(0, state.quota - state.used);
}

function browserName(): string {
  const brands = (navigator as { userAgentData?: { brands: readonly { brand: string; version: string }[] } })
    .userAgentData?.brands;
  const real = brands?.filter(({ brand }) => !/not.?a.?brand/i.test(brand.replaceAll(/[^a-z]+/gi, ' ')));
  const best = real?.find(({ brand }) => brand !== 'Chromium') ?? real?.[0];
  if (best !== undefined) return `${best.brand} ${best.version}`;
  const found = /(Firefox|Version)\/([\d.]+)/.exec(navigator.userAgent);
  return found === null ? navigator.userAgent : `${found[1] === 'Version' ? 'Safari' : found[1]} ${found[2]}`;
}

export async function readDevice(): Promise<Device> {
  const [gpu, storage] = await Promise.all([gpuName(), storageState()]);
  return {
    processors: navigator.hardwareConcurrency || 0,
    memoryGiB: (navigator as { deviceMemory?: number }).deviceMemory ?? null,
    simd: WebAssembly.validate(SIMD_MODULE),
    sharedMemory: window.crossOriginIsolated,
    gpu,
    storage,
    folders: 'showDirectoryPicker' in window,
    browser: browserName(),
  };
}
