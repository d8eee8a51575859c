import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { jpegMetadataLosses } from '../codecs/jpeg/file.ts';
import { outputMetadata } from '../codecs/metadata/plan.ts';
import { probeSource } from '../codecs/probe.ts';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Receipt } from '../core/job.ts';
import { NO_METADATA } from '../core/metadata.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { inEnglish, type Words } from '../core/text.ts';
import { openDevice } from '../gpu/device.ts';
import { troublesOf } from '../pipeline/ai/tally.ts';
import { EngineChain } from '../pipeline/engine-chain.ts';
import { planJob } from '../pipeline/plan-job.ts';
import { makeReceipt } from '../pipeline/receipt.ts';
import { chooseEngines } from '../workers/engines.ts';
import { targetLocales } from './locales/codes.ts';
import { localised } from './testing-locales.ts';
import { parseReceipt, receiptFile, receiptSentences } from './receipt-text.ts';
import { ENVIRONMENT } from './testing.ts';

const FIXTURES = 'test/fixtures';
const fixture = (name: string): Promise<SourceInfo> =>
  probeSource(new Blob([Uint8Array.from(readFileSync(`${FIXTURES}/${name}`))]), name.slice(name.indexOf('/') + 1));

async function warningsOfFixtures(): Promise<readonly Words[]> {
  const folders = ['avif', 'bmp', 'gif', 'jpeg', 'jxl', 'png', 'tiff', 'webp'];
  const names = folders.flatMap((folder) => readdirSync(`${FIXTURES}/${folder}`).map((name) => `${folder}/${name}`));
  return (await Promise.all(names.map(fixture))).flatMap(({ warnings }) => warnings);
}

async function warningsOfPlan(): Promise<readonly Words[]> {
  const info: SourceInfo = { ...(await fixture('png/rgba.png')), alpha: true, channels: 4, depth: 16, bits: 16 };
  const plan = planJob(info, { ...DEFAULT_OPTIONS, format: 'jpeg' }, ENVIRONMENT);
  return plan.kind === 'plan' ? plan.warnings : [];
}

/** What is told of an engine that was given up. */
async function changeOfEngine(): Promise<readonly Words[]> {
  const told: Words[] = [];
  const noGpu = (): Promise<never> => openDevice({ gpu: null }).then(() => Promise.reject(new Error('a GPU')));
  const chain = new EngineChain([{ name: 'gpu', create: noGpu }], (change) => told.push(change));
  const info = await fixture('png/rgba.png');
  const plan = planJob(info, DEFAULT_OPTIONS, ENVIRONMENT);
  if (plan.kind !== 'plan') throw new AppError('internal', 'not planned');
  const source = { ...info, capacity: 1, data: new Uint8Array() };
  const { spec, picture } = plan;
  await chain.open({ source, spec, picture, encoding: null, hooks: DEFAULT_OPTIONS.hooks }).catch(() => undefined);
  return told;
}

async function metadataNotes(): Promise<readonly Words[]> {
  const { metadata } = await fixture('jpeg/camera.jpg');
  const facts = { dpi: null, outputSize: { width: 10, height: 10 }, outputChannels: 1 } as const;
  const plans = (['keep', 'none', 'no-location'] as const).map((policy) => outputMetadata(metadata, policy, facts));
  const large = { ...NO_METADATA, exif: new Uint8Array(70_000), xmp: new Uint8Array(70_000) };
  return [
    ...plans.flatMap(({ kept, dropped }) => [...kept, ...dropped]),
    ...jpegMetadataLosses(large).map(({ reason }) => reason),
  ];
}

const retries = { 'no-memory': 1, lost: 1, 'not-finite': 2, constant: 3, drift: 4 };
const report = { passes: [], backends: [], tiles: 9, cached: 0, retries, replaced: 2, inferenceMs: 1 };
const facts = { pixels: 1, gpuCoded: true, networked: false, hooked: false, finished: false };

/** What is noted in receipts, from the code that notes it. */
const NOTES: readonly (readonly [string, () => Promise<readonly Words[]>])[] = [
  ['what reading a file loses', warningsOfFixtures],
  ['what the format loses', warningsOfPlan],
  ['what became of the metadata', metadataNotes],
  ['troubles of models', () => Promise.resolve(troublesOf(report))],
  ['a change of the engine', changeOfEngine],
  ['the engine asked for', async () => (await chooseEngines('scalar', ENVIRONMENT, facts)).reasons],
  ['the engine chosen', async () => (await chooseEngines('auto', ENVIRONMENT, facts)).reasons],
];

async function receiptWith(warnings: readonly Words[]): Promise<Receipt> {
  const info = await fixture('png/rgba.png');
  const plan = planJob(info, DEFAULT_OPTIONS, ENVIRONMENT);
  if (plan.kind !== 'plan') throw new AppError('internal', 'not planned');
  const output = { kind: 'memory', name: 'out.png' } as const;
  const request = { source: new Blob(['a']), sourceName: 'a.png', options: DEFAULT_OPTIONS, output, stage: null };
  const timings = { probe: 0, decode: 0, compute: 0, write: 0, total: 1 };
  return makeReceipt(request, info, plan, {
    ...{ engine: 'scalar', ai: null, bands: 1, timings, ledgerPeakBytes: 0, quality: 90, files: null },
    ...{ outputName: 'out.png', outputBytes: 1 },
    texts: { engineReason: warnings, metadataKept: warnings, metadataDropped: warnings, warnings },
  });
}

const setLocale = localised();

describe.each(targetLocales)('in %s', (locale) => {
  beforeAll(() => setLocale(locale));

  it.each(NOTES)('tells %s', async (_what, make) => {
    const notes = await make();
    expect(notes.length).toBeGreaterThan(0);
    const receipt = structuredClone(await receiptWith(notes));
    const { engineReason, kept, dropped, warnings } = receiptSentences(receipt);
    expect(warnings).toHaveLength(notes.length);
    for (const [i, sentence] of warnings.entries()) {
      expect(sentence).not.toBe(receipt.warnings[i]);
      expect(sentence).not.toMatch(/undefined|\[object|\{\d\}/);
    }
    expect([kept, dropped, engineReason]).toEqual([warnings, warnings, warnings.join(' ')]);
  });
});

it('keeps the record in English, without the parts of its sentences', async () => {
  const notes = await warningsOfFixtures();
  const text = await receiptFile(await receiptWith(notes)).text();
  expect(parseReceipt(text)).toMatchObject({ warnings: notes.map(inEnglish) });
  expect(text).not.toContain('texts');
});

it('shows receipts of earlier versions as they are', async () => {
  const { texts, ...old } = await receiptWith(['As it was.']);
  expect(texts).toBeDefined();
  expect(receiptSentences(old)).toEqual({
    ...{ engineReason: 'As it was.', kept: ['As it was.'], dropped: ['As it was.'], warnings: ['As it was.'] },
  });
});
