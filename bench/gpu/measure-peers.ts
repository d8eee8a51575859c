/**
 * UpscalerJS' esrgan-slim by UpscalerJS on TensorFlow.js' WebGPU and WebGL, and by ours: the same weights, picture and adapter, in turn, from pixels to
 * pixels (gpu-peers-page.ts says what of it is timed).
 */
import type { Size } from '../../src/core/geometry.ts';
import type { PeerCase, PeerFigures, PeerName } from '../gpu-peers-page.ts';
import { isQuick, runs } from './options.ts';
import type { BenchPage } from './page-host.ts';
import { attempt, median, report } from './report.ts';

const NAMES: Readonly<Record<PeerName, string>> = {
  jpeg: 'ours, file to JPEG file',
  png: 'ours, file to PNG file',
  shaders: 'ours, pixels to pixels',
  tiles: 'ours, in tiles',
  webgpu: 'UpscalerJS, TensorFlow.js WebGPU',
  webgl: 'UpscalerJS, TensorFlow.js WebGL',
};

const SCALES = [2, 4] as const;
/** A small picture, and one like a photograph with the sides of the pieces in which UpscalerJS may be fastest; null is one piece. */
const SIZES: readonly { readonly source: Size; readonly ways: readonly (number | null)[] }[] = isQuick
  ? [{ source: { width: 40, height: 32 }, ways: [32, null] }]
  : [
      { source: { width: 256, height: 256 }, ways: [null] },
      { source: { width: 1000, height: 750 }, ways: [256, 512, null] },
    ];
/** A photograph, of which only two times as much fits beside TensorFlow.js' floats. */
const PHOTOGRAPH = { source: { width: 2000, height: 3000 }, ways: [256, 512] } as const;

/** Results that are farther apart, in levels, are none of the same network. */
const MOST_DIFFERENCE = 4;
const PATIENCE_MS = isQuick ? 300_000 : 30_000;
/** After this no round is begun but those that a median must have. */
const ROUNDS_MS = 40_000;
const LEAST_ROUNDS = 2;
/** What takes longer is measured once. */
const MOST_MS = isQuick ? Infinity : 3000;

/** What the others are compared with. */
const COMPARED = ['jpeg', 'png', 'shaders'] as const;

const isOurs = (by: PeerName): boolean => by !== 'webgpu' && by !== 'webgl';

const describe = ({ by, scale, source, tile }: PeerCase): string =>
  `${NAMES[by]}, ${scale}x of ${source.width} x ${source.height}${tile === null ? '' : `, in pieces of ${tile}`}`;

/** One run; a peer that hangs shall not hang the others. */
async function run({ call }: BenchPage, kase: PeerCase): Promise<PeerFigures> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  const running = call('runPeer', kase);
  running.catch(() => undefined);
  try {
    const figures = await Promise.race([running, late]);
    const { difference } = figures;
    if (difference !== null && difference.largest > MOST_DIFFERENCE)
      throw new Error(`${difference.largest} levels from ${NAMES[difference.from]}: not the same picture`);
    return figures;
  } finally {
    clearTimeout(timer);
  }
}

interface Contestant {
  readonly kase: PeerCase;
  readonly difference: PeerFigures['difference'];
  readonly times: number[];
  /** Until the result is computed, without reading it. */
  readonly computed: number[];
  failure: string | null;
}

export async function measurePeers(bench: BenchPage): Promise<void> {
  report(
    'Peers: what computes them',
    ['by', 'vendor', 'architecture', 'description'],
    (await bench.call('peerAdapters')).map((adapter) => Object.values(adapter) as string[]),
  );
  const tried: (string | number)[][] = [];
  const contestants: Contestant[] = [];
  for (const scale of SCALES) {
    for (const { source, ways } of scale === 2 && !isQuick ? [...SIZES, PHOTOGRAPH] : SIZES) {
      for (const by of Object.keys(NAMES) as PeerName[]) {
        // Eighty times as slow as WebGPU.
        if (by === 'webgl' && source === PHOTOGRAPH.source) continue;
        const cases = (isOurs(by) ? [null] : ways).map((tile): PeerCase => ({
          by,
          scale,
          source,
          tile,
          read: 'all',
        }));
        contestants.push(await fastestWay(bench, cases, tried));
      }
    }
  }
  // Once more to warm up: the page may have been opened anew since.
  const started = performance.now();
  for (let round = 0; round <= runs; round++) {
    if (round > LEAST_ROUNDS && performance.now() - started > ROUNDS_MS) break;
    for (const contestant of contestants) {
      const { kase, times, computed } = contestant;
      if (contestant.failure !== null) continue;
      const figures = await attempt(describe(kase), async () => {
        const { ms, megapixels } = await run(bench, kase);
        return {
          ms,
          megapixels,
          alone: kase.by === 'webgpu' ? (await run(bench, { ...kase, read: 'pixel' })).ms : null,
        };
      });
      if (typeof figures === 'string') {
        contestant.failure = figures;
        continue;
      }
      if (round === 0) continue;
      const { ms, megapixels, alone } = figures;
      times.push(ms / 1000 / megapixels);
      if (alone !== null) computed.push(alone / 1000 / megapixels);
    }
  }
  report('Peers: ways tried', ['case', 'first ms', 'second ms', 'from', 'levels at most', 'on average'], tried);
  reportSpeed(contestants);
}

/** Tries each way twice and takes the fastest. A failure may have taken the device with it, so that the page is opened anew. */
async function fastestWay(
  bench: BenchPage,
  cases: readonly PeerCase[],
  tried: (string | number)[][],
): Promise<Contestant> {
  let best: { readonly kase: PeerCase; readonly ms: number; readonly difference: PeerFigures['difference'] } | null =
    null;
  let failure = '';
  for (const kase of cases) {
    const found = await attempt(describe(kase), async () => {
      const first = await run(bench, kase);
      return { first: first.ms, ...(await run(bench, kase)) };
    });
    if (typeof found === 'string') {
      failure = found;
      tried.push([describe(kase), found]);
      await bench.open();
      continue;
    }
    const { first, ms, difference } = found;
    const levels = difference === null ? [] : [NAMES[difference.from], difference.largest, difference.mean];
    tried.push([describe(kase), first, ms, ...levels]);
    if (best === null || ms < best.ms) best = { kase, ms, difference };
  }
  const { kase, difference } = best ?? { kase: cases[0]!, difference: null };
  const tooSlow = best !== null && best.ms > MOST_MS ? `once ${(best.ms / 1000).toFixed(1)} s` : null;
  return { kase, difference, times: [], computed: [], failure: best === null ? failure : tooSlow };
}

function reportSpeed(contestants: readonly Contestant[]): void {
  const rows = contestants.map(({ kase, times, computed, difference, failure }): (string | number)[] => {
    const { scale, source, tile, by } = kase;
    const name = `${scale}x of ${source.width} x ${source.height}`;
    if (failure !== null) return [name, NAMES[by], failure];
    const ours = COMPARED.map((own): number | string => {
      const other = contestants.find((one) => {
        const { scale: itsScale, source: its, by: name } = one.kase;
        return name === own && itsScale === scale && its.width === source.width && one.failure === null;
      });
      return other === undefined ? '-' : median(times) / median(other.times);
    });
    return [
      ...[name, NAMES[by], isOurs(by) ? 'as in the app' : tile === null ? 'whole' : `pieces of ${tile}`, times.length],
      ...[median(times), Math.min(...times)],
      computed.length === 0 ? '-' : median(computed),
      ...ours,
      difference === null ? '-' : difference.largest,
    ];
  });
  report(
    'UpscalerJS and ours on the GPU, esrgan-slim, pixels to pixels',
    [
      ...['case', 'by', 'in', 'runs', 's / MP', 'least', 's / MP without reading back'],
      ...[...COMPARED.map((own) => `times ${NAMES[own]}`), 'levels apart at most'],
    ],
    rows,
  );
}
