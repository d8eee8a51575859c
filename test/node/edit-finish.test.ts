/** Jobs that turn, crop, straighten, sharpen and grain, on both CPU engines, against libvips (sharp) and the scalar reference. */
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { NO_EDIT, type Edit } from '../../src/core/edit/edit.ts';
import type { Finish } from '../../src/core/finish.ts';
import { finishRect } from '../../src/core/reference/finish.ts';
import { resampleRect } from '../../src/core/reference/resample.ts';
import type { RowReader } from '../../src/core/source.ts';
import { croppedReader } from '../../src/pipeline/edited-reader.ts';
import { runTestJob, SCALAR, SIMD } from '../support/job.ts';

const WIDTH = 83;
const HEIGHT = 61;

const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
  return (x * 2 + y * (1 + (i % 3)) + ((x >> 3) % 2) * 60 + (Math.imul(i, 2654435761) >>> 28)) & 255;
});

const image = (): Sharp => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

async function png(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await image().png().toBuffer());
}

async function edited(
  edit: Partial<Edit>,
  source?: Uint8Array<ArrayBuffer>,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const { bytes } = await runTestJob({
    source: source ?? (await png()),
    options: { edit: { ...NO_EDIT, ...edit }, target: { kind: 'scale', x: 1, y: 1 }, kernel: 'nearest' },
  });
  return sharp(bytes).raw().toBuffer({ resolveWithObject: true });
}

describe('an edit', () => {
  it.each([
    [{ quarterTurns: 1 }, () => image().rotate(90)],
    [{ quarterTurns: 3 }, () => image().rotate(270)],
    [{ mirror: true }, () => image().flop()],
    [{ flip: true }, () => image().flip()],
    [
      { crop: { kind: 'rect', x: 20, y: 13, width: 30, height: 41 } },
      () => image().extract({ left: 20, top: 13, width: 30, height: 41 }),
    ],
    [
      { crop: { kind: 'rect', x: 0, y: 50, width: WIDTH, height: 11 } },
      () => image().extract({ left: 0, top: 50, width: WIDTH, height: 11 }),
    ],
  ] as const)('%o is what libvips makes', async (edit, expected) => {
    const got = await edited(edit as Partial<Edit>);
    const want = await expected().raw().toBuffer({ resolveWithObject: true });
    expect([got.info.width, got.info.height]).toEqual([want.info.width, want.info.height]);
    expect(got.data.equals(want.data)).toBe(true);
  });

  it('turns, then mirrors, then crops, on top of the orientation of the file', async () => {
    const tagged = await image().png().withMetadata({ orientation: 6 }).toBuffer();
    const crop = { kind: 'rect', x: 5, y: 7, width: 40, height: 33 } as const;
    const got = await edited({ quarterTurns: 2, mirror: true, crop }, new Uint8Array(tagged));
    const upright = await image().rotate(90).png().toBuffer();
    const turned = await sharp(upright).rotate(180).png().toBuffer();
    const mirrored = await sharp(turned).flop().png().toBuffer();
    const want = await sharp(mirrored).extract({ left: 5, top: 7, width: 40, height: 33 }).raw().toBuffer();
    expect(got.data.equals(want)).toBe(true);
  });

  it('straightens within the picture and tells the size', async () => {
    const source = new Uint8Array(
      await sharp({ create: { width: 200, height: 100, channels: 3, background: '#c86432' } })
        .png()
        .toBuffer(),
    );
    const cut = await edited({ straighten: 10 }, source);
    expect([cut.info.width, cut.info.height]).toEqual([150, 75]);
    // No corner has come in: one colour throughout.
    expect(cut.data.every((value, i) => value === [200, 100, 50][i % 3])).toBe(true);
    const filled = await edited({ straighten: 10, corners: 'fill' }, source);
    expect([filled.info.width, filled.info.height]).toEqual([214, 133]);
    expect([...filled.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('asks a decoder for no row below the crop', async () => {
    let asked = 0;
    const reader: RowReader = {
      ...{ width: 4, height: 100, channels: 1, depth: 8 },
      read(rows, into) {
        into.fill(asked);
        asked += rows;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    const cropped = croppedReader(reader, { x: 1, y: 10, width: 2, height: 5 });
    await cropped.read(5, new Uint8Array(10));
    expect(asked).toBe(15);
  });

  it('refuses a crop beyond the picture', async () => {
    const job = edited({ crop: { kind: 'rect', x: 60, y: 0, width: 30, height: 30 } });
    await expect(job).rejects.toMatchObject({ code: 'bad-options' });
  });
});

describe.each([
  { engine: SCALAR, tolerance: 0 },
  { engine: SIMD, tolerance: 1 },
])('finishing by the $engine.name engine', ({ engine, tolerance }) => {
  it('of bands is that of the whole picture', async () => {
    const finish: Finish = {
      sharpen: { radius: 1.5, amount: 120, threshold: 1 },
      grain: { strength: 4, size: 2, seed: 7 },
    };
    const [width, height] = [249, 305];
    const { bytes, receipt } = await runTestJob({
      source: await png(),
      options: { target: { kind: 'exact', width, height }, finish },
      engines: [engine],
    });
    expect(receipt.bands).toBeGreaterThan(3);
    expect(receipt.options.finish).toEqual(finish);
    const got = await sharp(bytes).raw().toBuffer();
    const deep = resampleRect(
      {
        stages: [{ from: { width: WIDTH, height: HEIGHT }, to: { width, height }, kernel: 'lanczos3' }],
        ...{ input: { channels: 3, depth: 8 }, output: { channels: 3, depth: 16 } },
        ...{ curves: null, clampOvershoot: false, background: null },
      },
      { width: WIDTH, height: HEIGHT, channels: 3, depth: 8, capacity: HEIGHT, data: pixels },
      { x: 0, y: 0, width, height },
    );
    const area = { x: 0, y: 0, width, height };
    const input = { samples: new Uint16Array(deep.buffer), area, channels: 3, picture: area } as const;
    const want = finishRect(finish, input, area, 8);
    const worst = want.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });
});
