/** The readers that take bytes of strangers, each with files to begin from. They may return, or throw an AppError that says what is wrong. */
import { parseReceipt } from '../../../src/app/receipt-text.ts';
import { settingsOfReceipt } from '../../../src/app/settings.ts';
import { editExif, readExif } from '../../../src/codecs/metadata/exif.ts';
import { primariesName, profileCurves, readProfile } from '../../../src/codecs/metadata/icc.ts';
import { editXmp, hasGainMap, mergeXmp } from '../../../src/codecs/metadata/xmp.ts';
import { openPng } from '../../../src/codecs/png/decode.ts';
import { probeSource } from '../../../src/codecs/probe.ts';
import { openSmallTiff } from '../../../src/codecs/tiff/decode-small.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { SourceInfo } from '../../../src/core/formats.ts';
import type { Metadata } from '../../../src/core/metadata.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/options.ts';
import { bytesPerRow } from '../../../src/core/pixels.ts';
import type { RowReader } from '../../../src/core/source.ts';
import { readStageHead, readStageRecord, stageHeadLength } from '../../../src/core/stage-log.ts';
import { networkOf } from '../../../src/models/network-of.ts';
import { readOnnx } from '../../../src/models/onnx.ts';
import { corpusOf, type Corpus } from './corpus.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface FuzzPath {
  readonly corpus: (programs: boolean) => Promise<Corpus>;
  readonly read: (bytes: Bytes) => unknown;
}

const FORMATS = ['png', 'jpeg', 'webp', 'avif', 'gif', 'bmp', 'tiff', 'jxl'] as const;

/** A larger picture is the planner's to refuse, by its header. */
const MOST_PIXELS = 4e6;

async function decode(bytes: Bytes, open: (file: Blob, info: SourceInfo) => Promise<RowReader>): Promise<void> {
  const file = new Blob([bytes]);
  const info = await probeSource(file, 'fuzz');
  if (info.width * info.height > MOST_PIXELS) return;
  const reader = await open(file, info);
  try {
    const row = new Uint8Array(bytesPerRow(reader.width, reader) * 16);
    for (let y = 0; y < reader.height; y += 16) {
      const rows = Math.min(16, reader.height - y);
      await reader.read(rows, row.subarray(0, bytesPerRow(reader.width, reader) * rows));
    }
  } finally {
    await reader.close();
  }
}

/** Blocks of metadata out of files that have them. */
async function blocks(block: 'exif' | 'icc' | 'xmp', programs: boolean): Promise<Corpus> {
  const files: Bytes[] = [];
  const makers = new Set<string>();
  for (const format of FORMATS) {
    const corpus = await corpusOf(format, programs);
    for (const maker of corpus.makers) makers.add(maker);
    for (const bytes of corpus.files) {
      const metadata: Metadata | null = await probeSource(new Blob([bytes]), 'x').then(
        (info) => info.metadata,
        () => null,
      );
      const found = metadata?.[block];
      if (found != null && found.length < 24_000) files.push(found);
    }
  }
  return { files, makers: [...makers] };
}

const text = (value: unknown): Bytes => new TextEncoder().encode(JSON.stringify(value)) as Bytes;

const RECEIPT = {
  app: 'Pro Upscaler',
  version: '0.1.0',
  input: { name: 'a.jpg', bytes: 400, format: 'jpeg', width: 20, height: 30 },
  output: { name: 'a-2x.png', bytes: 900, format: 'png', depth: 8, width: 40, height: 60 },
  options: DEFAULT_OPTIONS,
  engine: 'simd',
};

const decoders: Readonly<Record<string, FuzzPath>> = {
  'decode png': { corpus: (programs) => corpusOf('png', programs), read: (bytes) => decode(bytes, openPng) },
  'decode tiff': { corpus: (programs) => corpusOf('tiff', programs), read: (bytes) => decode(bytes, openSmallTiff) },
};

const headers = Object.fromEntries(
  FORMATS.map((format): [string, FuzzPath] => [
    `header ${format}`,
    {
      corpus: (programs) => corpusOf(format, programs),
      read: (bytes) => probeSource(new Blob([bytes]), `fuzz.${format}`),
    },
  ]),
);

export const FUZZ_PATHS: Readonly<Record<string, FuzzPath>> = {
  ...headers,
  ...decoders,
  'metadata exif': {
    corpus: (programs) => blocks('exif', programs),
    read: (bytes) => {
      readExif(bytes);
      editExif(bytes, { orientation: 1, dropThumbnail: true, dropLocation: true, density: { x: 300, y: 300 } });
    },
  },
  'metadata icc': {
    corpus: (programs) => blocks('icc', programs),
    read: (bytes) => [readProfile(bytes), primariesName(bytes), profileCurves(bytes)],
  },
  'metadata xmp': {
    corpus: (programs) => blocks('xmp', programs),
    read: (bytes) => [editXmp(bytes, { dropLocation: true }), hasGainMap(bytes), mergeXmp(bytes, bytes)],
  },
  'model onnx': {
    corpus: () => corpusOf('onnx', false),
    read: (bytes) => networkOf(readOnnx(bytes)),
  },
  receipt: {
    corpus: () => Promise.resolve({ files: [text(RECEIPT), text({ ...RECEIPT, options: {} })], makers: ['ours'] }),
    read: (bytes) => {
      const receipt = parseReceipt(new TextDecoder().decode(bytes));
      return receipt === null ? null : settingsOfReceipt(receipt);
    },
  },
  stage: {
    corpus: async () => (await import('./stage-corpus.ts')).stageCorpus(),
    read: (bytes) => {
      const length = stageHeadLength(bytes.subarray(0, 12));
      if (length !== null) readStageHead(bytes.subarray(12, 12 + length), bytes.subarray(12 + length, 16 + length));
      for (let at = 0; at < bytes.length; at += 37) readStageRecord(bytes.subarray(at, at + 40));
    },
  },
};

/** Whether an outcome is one that a reader may have. */
export const isExpected = (error: unknown): boolean => error instanceof AppError && error.code !== 'internal';
