/**
 * The browser peers that run in a worker: canvas, wasm-vips and jSquash. Each function times its own work alone. Resampling in
 * memory is done twice by everyone, and the second run counts: modules are compiled and memory is there.
 */
import encodeJpeg from '@jsquash/jpeg/encode';
import encodePng from '@jsquash/png/encode';
import resizeSquash from '@jsquash/resize';
import { expose } from 'comlink';
import { zlibSync } from 'fflate';
import { deflate as pakoDeflate } from 'pako';
import type Vips from 'wasm-vips';
import vipsWasm from 'wasm-vips/vips.wasm?url';
import '../../src/core/script-policy.ts';
import vipsScript from '../../src/codecs/vips/generated/vips-es6.js?url';
import type { RunResult } from './main.ts';
import { encodeOurs, enlargedRgb } from './encode-ours.ts';
import { installErrorTransfer } from '../../src/workers/transfer.ts';

type Vipsy = Awaited<ReturnType<typeof Vips>>;

/** With all its threads; by the glue that the app loads, since the page's security policy forbids that of the package (scripts/vips-glue.ts). */
async function startVips(): Promise<Vipsy> {
  const script = new URL(vipsScript, location.href).href;
  const { default: create } = (await import(/* @vite-ignore */ script)) as { default: typeof Vips };
  return create({
    dynamicLibraries: [],
    locateFile: (path: string) => (path.endsWith('.wasm') ? new URL(vipsWasm, location.href).href : path),
    mainScriptUrlOrBlob: script,
  });
}

function canvasOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  // Software canvases: an accelerated one would time the GPU's queue, which headless browsers here do not have.
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error(`no canvas of ${width} x ${height}`);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  return context;
}

/** One drawImage at quality high; reading one pixel back makes sure that it was drawn. */
function drawDirect(
  bitmap: ImageBitmap,
  width: number,
  height: number,
  context = canvasOf(width, height),
): OffscreenCanvasRenderingContext2D {
  context.drawImage(bitmap, 0, 0, width, height);
  context.getImageData(width - 1, height - 1, 1, 1);
  return context;
}

/** Doublings, then the last fraction, each by drawImage at quality high. */
function drawProgressive(bitmap: ImageBitmap, width: number, height: number): OffscreenCanvasRenderingContext2D {
  let from: CanvasImageSource = bitmap;
  let [w, h] = [bitmap.width, bitmap.height];
  for (;;) {
    [w, h] = [Math.min(width, w * 2), Math.min(height, h * 2)];
    const context = canvasOf(w, h);
    context.drawImage(from, 0, 0, w, h);
    if (w === width && h === height) {
      context.getImageData(w - 1, h - 1, 1, 1);
      return context;
    }
    from = context.canvas;
  }
}

async function timed(work: () => Promise<number | null>): Promise<RunResult> {
  const started = performance.now();
  const bytes = await work();
  return { ms: performance.now() - started, bytes };
}

async function pixelsOf(file: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(file);
  const context = canvasOf(bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

const peers = {
  async resampleCanvas(file: Blob, width: number, height: number): Promise<RunResult> {
    const bitmap = await createImageBitmap(file);
    const context = drawDirect(bitmap, width, height);
    return timed(() => Promise.resolve((drawDirect(bitmap, width, height, context), null)));
  },

  async resampleCanvasProgressive(file: Blob, width: number, height: number): Promise<RunResult> {
    const bitmap = await createImageBitmap(file);
    drawProgressive(bitmap, width, height);
    return timed(() => Promise.resolve((drawProgressive(bitmap, width, height), null)));
  },

  async resampleVips(file: Blob, width: number): Promise<RunResult> {
    const vips = await startVips();
    const { data, width: from, height } = await pixelsOf(file);
    const image = vips.Image.newFromMemory(new Uint8Array(data.buffer), from, height, 4, vips.BandFormat.uchar);
    const resize = (): Promise<null> => {
      const large = image.resize(width / from, { kernel: vips.Kernel.lanczos3 });
      large.writeToMemory();
      large.delete();
      return Promise.resolve(null);
    };
    await resize();
    return timed(resize);
  },

  async resampleSquash(file: Blob, width: number, height: number): Promise<RunResult> {
    const data = await pixelsOf(file);
    const options = { width, height, method: 'lanczos3', premultiply: false, linearRGB: false } as const;
    await resizeSquash(data, options);
    return timed(async () => (await resizeSquash(data, options), null));
  },

  canvas(
    file: Blob,
    width: number,
    height: number,
    type: string,
    quality: number,
    progressive: boolean,
  ): Promise<RunResult> {
    return timed(async () => {
      const bitmap = await createImageBitmap(file);
      const context = (progressive ? drawProgressive : drawDirect)(bitmap, width, height);
      return (await context.canvas.convertToBlob({ type, quality })).size;
    });
  },

  async vips(file: Blob, width: number, suffix: string): Promise<RunResult> {
    const vips = await startVips();
    return timed(async () => {
      const image = vips.Image.newFromBuffer(new Uint8Array(await file.arrayBuffer()), '', { access: 'sequential' });
      return image.resize(width / image.width, { kernel: vips.Kernel.lanczos3 }).writeToBuffer(suffix).length;
    });
  },

  squash(file: Blob, width: number, height: number, type: 'png' | 'jpeg', quality: number): Promise<RunResult> {
    return timed(async () => {
      const data = await pixelsOf(file);
      const options = { width, height, method: 'lanczos3', premultiply: false, linearRGB: false } as const;
      const large = await resizeSquash(data, options);
      return (type === 'png' ? await encodePng(large) : await encodeJpeg(large, { quality })).byteLength;
    });
  },

  /** Coding alone, on one thread: the enlarged picture's rows, already filtered (Up) for the general compressors. */
  async code(file: Blob, width: number, height: number, coder: CoderName): Promise<RunResult> {
    const { rgb, rgba, filtered } = await enlargedRgb(file, width, height, coder);
    switch (coder) {
      case 'ours-png':
      case 'ours-jpeg':
        return encodeOurs(rgb!, width, height, coder === 'ours-png' ? 'png' : 'jpeg');
      case 'fflate-1':
        return timed(() => Promise.resolve(zlibSync(filtered!, { level: 1 }).length));
      case 'pako-1':
        return timed(() => Promise.resolve(pakoDeflate(filtered!, { level: 1 }).length));
      case 'CompressionStream':
        return timed(async () => {
          const stream = new Blob([filtered!]).stream().pipeThrough(new CompressionStream('deflate'));
          return (await new Response(stream).arrayBuffer()).byteLength;
        });
      case 'squash-png':
        return timed(async () => (await encodePng(rgba!)).byteLength);
      case 'squash-jpeg':
        return timed(async () => (await encodeJpeg(rgba!, { quality: 90 })).byteLength);
      case 'canvas-jpeg': {
        const context = canvasOf(width, height);
        context.putImageData(rgba!, 0, 0);
        return timed(async () => (await context.canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).size);
      }
      default:
        return coder satisfies never;
    }
  },
};

export type CoderName =
  'ours-png' | 'ours-jpeg' | 'fflate-1' | 'pako-1' | 'CompressionStream' | 'squash-png' | 'squash-jpeg' | 'canvas-jpeg';

export type PeerWorkerApi = typeof peers;
// The page's side of comlink has it, too.
installErrorTransfer();
expose(peers);
