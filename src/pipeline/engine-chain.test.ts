import { describe, expect, it } from 'vitest';
import type { Engine, EngineJob, EngineName } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import { EngineChain, type EngineFactory } from './engine-chain.ts';
import { plain } from '../core/text.ts';

const JOB = {} as EngineJob;
const PLACE = { index: 0, y: 0, rows: 16, first: true, last: true };
const SIGNAL = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** An engine whose bands answer with its name, or fail; closing takes a while, as ending workers does. */
function factory(name: EngineName, fails: () => Error | null, log: string[]): EngineFactory {
  return {
    name,
    create: () => {
      const answer = async <T>(value: T): Promise<T> => {
        await turn();
        const error = fails();
        if (error) throw error;
        return value;
      };
      const engine: Engine = {
        name,
        parallelism: 4,
        open: () => Promise.resolve(void log.push(`open ${name}`)),
        segment: () => answer({ bytes: new TextEncoder().encode(name) }),
        pixels: () => answer(new TextEncoder().encode(name)),
        close: async () => {
          await turn();
          log.push(`close ${name}`);
        },
      };
      return Promise.resolve(engine);
    },
  };
}

const lost = (): Error => new AppError('engine-failed', 'lost');

describe('EngineChain', () => {
  it('moves on by one engine however many bands fail at once, and computes each of them again', async () => {
    const log: string[] = [];
    const told: string[] = [];
    const factories = [factory('gpu', lost, log), factory('simd', () => null, log), factory('scalar', () => null, log)];
    const chain = new EngineChain(factories, (message) => told.push(plain(message)));
    await chain.open(JOB);
    const bands = await Promise.all(Array.from({ length: 6 }, () => chain.segment(PLACE, SIGNAL)));
    expect(bands.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(Array(6).fill('simd'));
    expect(told).toEqual(['The GPU engine was given up: lost']);
    expect(chain.name).toBe('simd');
    await chain.close();
    expect(log).toEqual(['open gpu', 'close gpu', 'open simd', 'close simd']);
  });

  it('starts one engine however early it is opened again, for the job that came last', async () => {
    const jobs = [{ ...JOB }, { ...JOB }];
    const opened: EngineJob[] = [];
    const simd = factory('simd', () => null, []);
    let created = 0;
    const slow: EngineFactory = {
      name: 'simd',
      create: async () => {
        created++;
        const open = (job: EngineJob): Promise<void> => turn().then(() => void opened.push(job));
        return { ...(await simd.create()), open };
      },
    };
    const chain = new EngineChain([slow], () => undefined);
    await Promise.all(jobs.map((job) => chain.open(job)));
    expect(created).toBe(1);
    expect(opened.at(-1)).toBe(jobs[1]);
    await chain.close();
  });

  it('says why it could not be opened when it is opened again', async () => {
    const broken: EngineFactory = { name: 'simd', create: () => Promise.reject(lost()) };
    const chain = new EngineChain([broken], () => undefined);
    await expect(chain.open(JOB)).rejects.toThrow('lost');
    await expect(chain.open(JOB)).rejects.toThrow('lost');
    await chain.close();
  });

  it('does not blame the engine for a damaged file or a cancel', async () => {
    for (const error of [new AppError('bad-input', 'cut'), new DOMException('enough', 'AbortError')]) {
      const chain = new EngineChain(
        [factory('simd', () => error, []), factory('scalar', () => null, [])],
        () => undefined,
      );
      await chain.open(JOB);
      await expect(chain.segment(PLACE, SIGNAL)).rejects.toBe(error);
      expect(chain.name).toBe('simd');
      await chain.close();
    }
  });

  it('computes bands again that the closing of a failed engine has ended', async () => {
    let endPending: (error: Error) => void = () => undefined;
    const closed = new Promise<never>((_, reject) => (endPending = reject));
    closed.catch(() => undefined);
    let bands = 0;
    const dying: EngineFactory = {
      name: 'simd',
      create: () =>
        Promise.resolve({
          name: 'simd',
          parallelism: 4,
          open: () => Promise.resolve(),
          segment: () => (bands++ === 1 ? Promise.reject(lost()) : closed),
          pixels: () => closed,
          close: () => Promise.resolve(endPending(new AppError('engine-failed', 'the pool was closed'))),
        }),
    };
    const chain = new EngineChain([dying, factory('scalar', () => null, [])], () => undefined);
    await chain.open(JOB);
    const all = await Promise.all(Array.from({ length: 4 }, () => chain.segment(PLACE, SIGNAL)));
    expect(all.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(Array(4).fill('scalar'));
    await chain.close();
  });

  it('says what the last engine died of', async () => {
    const chain = new EngineChain([factory('simd', lost, []), factory('scalar', lost, [])], () => undefined);
    await chain.open(JOB);
    await expect(chain.pixels({ x: 0, y: 0, width: 1, height: 1 }, SIGNAL)).rejects.toThrow(/No engine .* lost/);
    await chain.close();
  });
});
