import { wrap, type Remote } from 'comlink';
import type { ColourModel, InputFormat, SourceInfo } from '../../src/core/formats.ts';
import { NO_METADATA, type Metadata } from '../../src/core/metadata.ts';
import { bytesPerRow, samplesOf, type Channels, type Depth } from '../../src/core/pixels.ts';
import type { VipsRowShape, VipsWorkerApi } from '../../src/workers/protocol.ts';
import { installErrorTransfer } from '../../src/workers/transfer.ts';

installErrorTransfer();

/** The worker as the app starts it. */
export function startVips(): { api: Remote<VipsWorkerApi>; worker: Worker } {
  const worker = new Worker(new URL('../../src/workers/vips.worker.ts', import.meta.url), { type: 'module' });
  return { api: wrap<VipsWorkerApi>(worker), worker };
}

export interface InfoPatch {
  readonly width?: number;
  readonly height?: number;
  readonly model?: ColourModel;
  readonly bits?: number;
  readonly metadata?: Partial<Metadata>;
}

/** What a probe would say of a fixture. */
export function infoOf(format: InputFormat, channels: Channels, depth: Depth, patch: InfoPatch = {}): SourceInfo {
  return {
    ...{ format, channels, depth, mime: `image/${format}`, width: patch.width ?? 61, height: patch.height ?? 43 },
    ...{ model: patch.model ?? 'rgb', alpha: channels === 4, bits: patch.bits ?? depth, progressive: false },
    ...{ frames: 1, bytes: 0, warnings: [], metadata: { ...NO_METADATA, ...patch.metadata } },
  };
}

interface Decoded extends Pick<VipsRowShape, 'toSrgb' | 'icc' | 'warnings'> {
  readonly samples: Uint8Array | Uint16Array;
}

/** Decodes a whole file in runs of `rows` rows. */
export async function decodeAll(
  api: Remote<VipsWorkerApi>,
  file: Blob,
  info: SourceInfo,
  rows: number,
): Promise<Decoded> {
  const shape = await api.open(file, info);
  const stride = bytesPerRow(shape.width, shape);
  const data = new Uint8Array(new SharedArrayBuffer(stride * shape.height));
  for (let y = 0; y < shape.height; y += rows) {
    const count = Math.min(rows, shape.height - y);
    await api.read(count, data.subarray(y * stride, (y + count) * stride));
  }
  await api.close();
  const { toSrgb, icc, warnings } = shape;
  return { samples: samplesOf(data, shape.depth), toSrgb, icc, warnings };
}
