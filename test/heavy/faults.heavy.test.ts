/**
 * The fault campaign: jobs that something happens to at a random moment. Each must end in the right file, now or when it is gone on with, or in an
 * error that says what happened and what to do; and nothing half may be left. `FAULT_RUNS`, `FAULT_FROM` and `FAULT_SEED` choose others.
 */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../support/fuzz/random.ts';
import { AppPage, type Standing } from './faults/app-page.ts';
import { FAULTS } from './faults/faults.ts';

const RUNS = Number(process.env['FAULT_RUNS'] ?? 204);
const FROM = Number(process.env['FAULT_FROM'] ?? 0);
const SEED = Number(process.env['FAULT_SEED'] ?? 1);

const app = new AppPage('dist');
beforeAll(() => app.start());
afterAll(() => app.end());

const FORMATS = ['png', 'jpeg', 'tiff'] as const;
type Format = (typeof FORMATS)[number];
type EngineChoice = 'scalar' | 'simd' | 'gpu';

const settingsOf = (format: Format, engine: EngineChoice): object => ({
  ...{ format, engine, level: 'fast', quality: 85 },
  // A software GPU is slow, the processor's vectors are fast: each shall take about a second.
  size: { mode: 'factor', factor: { gpu: 2, scalar: 4, simd: 8 }[engine] },
});

let picture: Buffer;
beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  picture = await sharp({ create: { width: 320, height: 260, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer();
});

interface Undisturbed {
  readonly bytes: Buffer;
  readonly pixels: Buffer;
  readonly ms: number;
}

const pixelsOf = (bytes: Buffer): Promise<Buffer> => sharp(bytes, { failOn: 'warning' }).raw().toBuffer();

const known = new Map<string, Promise<Undisturbed>>();

/** What a job makes when nothing happens, and how long it takes. */
function undisturbed(format: Format, engine: EngineChoice): Promise<Undisturbed> {
  const key = `${format} ${engine}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = (async () => {
    await app.prepare({ picture, settings: settingsOf(format, engine), staging: 'never', destination: 'download' });
    const started = performance.now();
    await app.begin();
    const { kind, message } = await app.outcome();
    if (kind !== 'done') throw new Error(`undisturbed ${key}: ${kind} ${message}`);
    const ms = performance.now() - started;
    const [path] = Object.keys(await app.lying());
    const bytes = await app.content(path!);
    return { bytes, pixels: await pixelsOf(bytes), ms };
  })();
  known.set(key, made);
  return made;
}

/** How a file compares with what it should be: to the byte, to the pixel as far as engines may differ, or not at all. */
async function compare(
  bytes: Buffer,
  format: Format,
  right: Undisturbed,
): Promise<'same bytes' | 'right pixels' | 'WRONG FILE'> {
  if (bytes.equals(right.bytes)) return 'same bytes';
  const pixels = await pixelsOf(bytes).catch(() => null);
  if (pixels?.length !== right.pixels.length) return 'WRONG FILE';
  let most = 0;
  for (let i = 0; i < pixels.length; i++) most = Math.max(most, Math.abs(pixels[i]! - right.pixels[i]!));
  // A level of difference before the coder is a step of its quantiser behind it.
  return most <= (format === 'jpeg' ? 48 : 1) ? 'right pixels' : 'WRONG FILE';
}

const isClear = ({ message, remedy }: Standing): boolean =>
  message.length > 10 && remedy.length > 10 && !/undefined|null|TypeError|internal/.test(message);

/** One run; the outcome in a few words, in capitals what may not be. */
async function run(index: number): Promise<{ fault: string; outcome: string; kept: boolean; detail: string }> {
  const random = new Random(SEED * 1_000_003 + index);
  const name = Object.keys(FAULTS)[index % Object.keys(FAULTS).length]!;
  const fault = FAULTS[name]!;
  const format = fault.engine === 'gpu' ? 'jpeg' : random.pick(FORMATS);
  const engine = fault.engine ?? random.pick(['scalar', 'scalar', 'simd'] as const);
  const staging = fault.staging ?? random.pick(['always', 'always', 'never']);
  const destination = fault.destination ?? random.pick(['folder', 'download'] as const);
  const right = await undisturbed(format, engine);
  await app.prepare({ picture, settings: settingsOf(format, engine), staging, destination });
  // At a random time, or as far into the picture as chance has it.
  const delay = random.next() * right.ms;
  const share = random.next() < 0.3 ? null : random.next() * 0.95;
  await app.begin();
  if (share === null) await new Promise((later) => setTimeout(later, delay));
  else while ((await app.fraction()) < share) await new Promise((later) => setTimeout(later, 5));
  await fault.strike(app, random);
  let outcome = '';
  let said = '';
  const judge = async (standing: Standing): Promise<void> => {
    if (standing.kind !== 'failed') return;
    said = `${standing.message} ${standing.remedy}`;
    outcome += isClear(standing) ? 'clear error, then ' : `UNCLEAR: ${said} `;
    // The bands of a job whose worker died wait for the next attempt.
    const lying = Object.keys(await app.lying()).filter((path) => !(died && path.startsWith('stages/')));
    const left: string[] = [];
    for (const path of lying) {
      // One that was complete, when nobody was left to say so, is no half file.
      const complete =
        !path.endsWith('.part') && (await compare(await app.content(path), format, right)) !== 'WRONG FILE';
      if (!complete) left.push(path);
    }
    if (left.length > 0) outcome += `LEFT OVER ${left.join(' ')} `;
  };
  const died = name === 'job worker killed';
  let standing = await app.outcome();
  await judge(standing);
  await fault.undo?.(app);
  // A person goes on: with what is offered, or from the beginning; a picture that cannot be read any more is added again.
  for (let attempts = 0; standing.kind !== 'done' && attempts < 3; attempts++) {
    if (standing.kind === 'none' || (standing.kind === 'failed' && name.startsWith('copy'))) {
      // Only a record that makes no sense may cost its picture, and not without a word.
      if (standing.kind === 'none')
        outcome += name === 'records corrupted' && standing.told !== '' ? 'lost and told, then ' : 'FORGOTTEN, then ';
      await app.prepare({ picture, settings: settingsOf(format, engine), staging, destination });
      await app.begin();
    } else {
      await app.goOn();
    }
    standing = await app.outcome();
    await judge(standing);
  }
  if (standing.kind !== 'done') {
    return { fault: name, outcome: `${outcome}NOT DONE: ${standing.kind}`, kept: false, detail: standing.message };
  }
  const lying = await app.lying();
  const files = Object.keys(lying);
  const results = files.filter((path) => !path.endsWith('.part') && !path.startsWith('stages/'));
  const half = files.filter((path) => !results.includes(path));
  if (half.length > 0) outcome += `LEFT OVER ${half.join(' ')} `;
  if ((await app.journal()) > 0) outcome += 'JOURNAL NOT EMPTY ';
  if (results.length === 0) outcome += 'NO FILE';
  // A file that was complete when the page died, before that was written down, is there once more.
  const empty = results.filter((path) => lying[path] === 0);
  if (empty.length > 0) outcome += `EMPTY ${empty.join(' ')} `;
  const verdicts = await Promise.all(
    results
      .filter((path) => !empty.includes(path))
      .map(async (path) => compare(await app.content(path), format, right)),
  );
  outcome += verdicts.find((verdict) => verdict !== 'same bytes') ?? verdicts[0] ?? '';
  if (results.length > 1) outcome += `, ${results.length} times`;
  // A dead worker is no reason to give up its engine.
  if (name === 'band worker killed' && standing.engine !== engine) outcome += `, ENGINE CHANGED to ${standing.engine}`;
  return {
    fault: name,
    outcome,
    kept: standing.keptBands > 0,
    detail: `${format} ${engine} ${staging} ${destination} at ${share === null ? `${Math.round(delay)} ms` : `${Math.round(share * 100)} %`}. ${said}`,
  };
}

it(`${RUNS} jobs that something happens to end well, or in a clear error`, async () => {
  const table = new Map<string, Map<string, number>>();
  const bad: string[] = [];
  let kept = 0;
  for (let index = FROM; index < FROM + RUNS; index++) {
    let result: Awaited<ReturnType<typeof run>>;
    try {
      result = await run(index);
    } catch (error) {
      const fault = Object.keys(FAULTS)[index % Object.keys(FAULTS).length]!;
      result = { fault, outcome: 'HUNG', kept: false, detail: String((error as Error).stack).slice(0, 600) };
    }
    const { fault, outcome, detail } = result;
    if (result.kept) kept++;
    const row = table.get(fault) ?? new Map<string, number>();
    row.set(outcome, (row.get(outcome) ?? 0) + 1);
    table.set(fault, row);
    if (/[A-Z]{3}/.test(outcome.replace(/GPU/g, ''))) bad.push(`run ${index}, ${fault}: ${outcome} (${detail})`);
    if (process.env['FAULT_VERBOSE'])
      console.log(index, fault, '|', outcome, '|', result.kept ? 'went on' : '', '|', detail);
  }
  const lines = [...table].flatMap(([fault, row]) =>
    [...row].map(([outcome, count]) => `${fault.padEnd(30)} ${String(count).padStart(3)}  ${outcome}`),
  );
  console.log(
    `${RUNS} runs from ${FROM}, seed ${SEED}; ${kept} went on behind bands that were kept.\n${lines.join('\n')}`,
  );
  expect(bad).toEqual([]);
});
