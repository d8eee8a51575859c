/** One job of sharp in a process of its own, so that its memory and processor time are its own. Prints one JSON line. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import sharp from 'sharp';

const [input, output, width, height, format] = process.argv.slice(2) as [string, string, string, string, string];
sharp.concurrency(availableParallelism());
sharp.cache(false);
const size = { width: Number(width), height: Number(height) };

async function resampleOnly(): Promise<number> {
  const { data, info } = await sharp(input).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const resize = (): Promise<Buffer> =>
    sharp(data, { raw: info })
      .resize({ ...size, kernel: 'lanczos3', fit: 'fill' })
      .raw()
      .toBuffer();
  await resize();
  const started = performance.now();
  await resize();
  return performance.now() - started;
}

async function fileToFile(): Promise<number> {
  const started = performance.now();
  const image = sharp(input, { limitInputPixels: false, sequentialRead: true }).resize({
    ...size,
    kernel: 'lanczos3',
    fit: 'fill',
  });
  const coded =
    format === 'png'
      ? image.png({ compressionLevel: 1 })
      : image.jpeg({ quality: 90, optimiseCoding: format === 'jpeg' });
  await coded.toFile(output);
  return performance.now() - started;
}

const ms = await (format === 'memory' ? resampleOnly() : fileToFile());
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const bytes = format === 'memory' ? null : statSync(output).size;
console.log(JSON.stringify({ ms, bytes, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 }));
