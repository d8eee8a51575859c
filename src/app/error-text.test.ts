import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { probeSource } from '../codecs/probe.ts';
import { AppError, fromErrorRecord, toErrorRecord, type Refusal } from '../core/errors.ts';
import { formatRefusal } from '../core/formats.ts';
import { say, str } from '../core/text.ts';
import { readOnnx } from '../models/onnx.ts';
import { withFileName, withRemedy } from '../pipeline/job-errors.ts';
import { limitRefusal } from '../pipeline/byte-limit.ts';
import { FORMAT_METAS } from '../pipeline/format-metas.ts';
import { writeError } from '../pipeline/sinks/write-error.ts';
import { problemOf, refusalText, textFor } from './error-text.ts';
import { targetLocales } from './locales/codes.ts';
import { localised } from './testing-locales.ts';

const file = (content: string): Blob => new Blob([Uint8Array.from(content, (c) => c.charCodeAt(0))]);
const thrown = async (task: () => unknown): Promise<unknown> => {
  try {
    await task();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};
const probing = (content: string) => (): Promise<unknown> => thrown(() => probeSource(file(content), 'foto.bild'));

/** The trouble that people meet, from the code that meets it. */
const TROUBLES: readonly (readonly [string, () => unknown])[] = [
  ['an empty file', probing('')],
  ['a truncated JPEG', probing('\xff\xd8\xff\xe0\0\x10')],
  ['a truncated PNG', probing('\x89PNG\r\n\x1a\n')],
  ['a damaged PNG', probing('\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT0000000000000')],
  ['a file of no known kind', probing('\x01\x02\x03\x04')],
  ['a text', probing('Just some words.')],
  ['a HEIC picture', probing('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
  ['a RAW photo', probing('FUJIFILMCCD-RAW 0201')],
  ['a video', probing('\x1a\x45\xdf\xa3')],
  [
    'a size that the format does not hold',
    () => {
      const { jpeg, png, tiff } = FORMAT_METAS;
      return formatRefusal(jpeg, { width: 70_000, height: 10 }, [jpeg, png, tiff]);
    },
  ],
  ['a file that would be too large', () => limitRefusal('png', 5e7, 1e7)],
  ['no memory', () => withRemedy(new RangeError('Array buffer allocation failed'))],
  ['a full disk', () => writeError('foto.png', new DOMException('full', 'QuotaExceededError'))],
  ['a write that is not allowed', () => writeError('foto.png', new DOMException('no', 'NotAllowedError'))],
  ['a file that is no model', () => thrown(() => readOnnx(Uint8Array.of(1, 2, 3)))],
  ['a fault that gets its name later', () => withFileName(new AppError('bad-input', say('it is cut off')), 'foto.png')],
];

const setLocale = localised();

describe.each(targetLocales)('in %s', (locale) => {
  beforeAll(() => setLocale(locale));

  it.each(TROUBLES)('says what is wrong with %s', async (_what, make) => {
    const given = await make();
    const error = given instanceof Error ? given : { ...(given as Refusal), name: 'AppError' };
    // As it comes from a worker.
    const record = structuredClone(error instanceof Error ? toErrorRecord(error) : error);
    const { message, remedy } = problemOf(fromErrorRecord(record));
    expect(message).not.toBe('');
    expect(message).not.toBe(record.message);
    expect(message).not.toMatch(/undefined|\[object|\{\d\}/);
    if (record.remedy !== '') expect(remedy).not.toBe(record.remedy);
    const { name } = record.values;
    if (typeof name === 'string') expect(message).toContain(name);
  });

  it('leaves in English what has no translation', () => {
    const unknown = say(str`No translator has seen this: ${12}.`);
    expect(textFor(unknown)).toContain('No translator has seen this: ');
    expect(refusalText({ message: 'Plain words.', remedy: '' })).toEqual({
      message: 'Plain words.',
      remedy: '',
    });
  });
});

/** What is shown to nobody: engines whose jobs go on elsewhere, and what only programs meet. */
const FOR_PROGRAMS =
  /^src\/(gpu|wasm|core\/(jpeg|reference))\/|pipeline\/(hooks|sinks\/server|preview\/(preview|row-store))|(vips\/decode|tiff\/file)\.ts$/;

it('finds no error of the core whose words cannot be translated', () => {
  const sources = ['codecs', 'core', 'models', 'pipeline', 'platform', 'workers'].flatMap((folder) =>
    readdirSync(`src/${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `src/${folder}/${name}`),
  );
  const untranslated = sources
    .filter((path) => /(?<!\.(test|testing|d))\.ts$/.test(path) && !FOR_PROGRAMS.test(path))
    .flatMap((path) => {
      const found = readFileSync(path, 'utf8').matchAll(
        /new AppError\(\s*'(?!internal|worker-died|engine-failed)[a-z-]+',\s*[`'].*/g,
      );
      return [...found].map(([text]) => `${path}: ${text}`);
    });
  expect(sources.length).toBeGreaterThan(100);
  expect(untranslated).toEqual([]);
});
