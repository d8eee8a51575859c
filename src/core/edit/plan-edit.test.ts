import { describe, expect, it } from 'vitest';
import { NO_EDIT, type Edit } from './edit.ts';
import { planEdit, type EditPlan } from './plan-edit.ts';

const PHOTO = { width: 3000, height: 2000 };

function plan(edit: Partial<Edit>, stored = PHOTO, orientation: 1 | 6 | 8 = 1): EditPlan {
  const planned = planEdit(stored, orientation, { ...NO_EDIT, ...edit });
  if (planned.kind === 'refusal') throw new Error(planned.message);
  return planned;
}

describe('planEdit', () => {
  it('leaves a picture alone', () => {
    expect(plan({})).toEqual({
      ...{ kind: 'edit', size: PHOTO, stored: { x: 0, y: 0, ...PHOTO }, orientation: 1, straightening: null },
    });
  });

  it.each([
    // Turned clockwise, the stored left edge is on top.
    [{ quarterTurns: 1 }, 6, { width: 2000, height: 3000 }],
    [{ quarterTurns: 2 }, 3, PHOTO],
    [{ quarterTurns: 3 }, 8, { width: 2000, height: 3000 }],
    [{ mirror: true }, 2, PHOTO],
    [{ flip: true }, 4, PHOTO],
    [{ mirror: true, flip: true }, 3, PHOTO],
    // EXIF 5 mirrors and turns by 270; turning by a quarter and then mirroring is the same.
    [{ quarterTurns: 1, mirror: true }, 5, { width: 2000, height: 3000 }],
    [{ quarterTurns: 1, flip: true }, 7, { width: 2000, height: 3000 }],
  ] as const)('%o is orientation %i', (edit, orientation, size) => {
    expect(plan(edit)).toMatchObject({ orientation, size });
  });

  it('joins the turn of the file with that of the edit', () => {
    expect(plan({ quarterTurns: 3 }, PHOTO, 6)).toMatchObject({ orientation: 1, size: PHOTO });
    expect(plan({ quarterTurns: 1 }, PHOTO, 6)).toMatchObject({ orientation: 3, size: PHOTO });
  });

  it.each([
    [
      { kind: 'rect', x: 100, y: 200, width: 500, height: 400 },
      { x: 100, y: 200, width: 500, height: 400 },
    ],
    [
      { kind: 'part', x: 0.1, y: 0.25, width: 0.5, height: 0.75 },
      { x: 300, y: 500, width: 1500, height: 1500 },
    ],
    [
      { kind: 'part', x: 0.9999, y: 0, width: 1, height: 1 },
      { x: 2999, y: 0, width: 1, height: 2000 },
    ],
    [
      { kind: 'aspect', width: 1, height: 1, follow: false },
      { x: 500, y: 0, width: 2000, height: 2000 },
    ],
    [
      { kind: 'aspect', width: 4, height: 5, follow: false },
      { x: 700, y: 0, width: 1600, height: 2000 },
    ],
    [
      { kind: 'aspect', width: 4, height: 5, follow: true },
      { x: 250, y: 0, width: 2500, height: 2000 },
    ],
    [
      { kind: 'aspect', width: 16, height: 9, follow: false },
      { x: 0, y: 156, width: 3000, height: 1687 },
    ],
  ] as const)('crop %o', (crop, stored) => {
    const { width, height } = stored;
    expect(plan({ crop })).toMatchObject({ stored, size: { width, height }, orientation: 1 });
  });

  it('moves a crop through the turns to the front', () => {
    const crop = { kind: 'rect', x: 0, y: 0, width: 200, height: 300 } as const;
    // The top left of a picture turned clockwise is the bottom left of the stored one.
    expect(plan({ quarterTurns: 1, crop }).stored).toEqual({ x: 0, y: 1800, width: 300, height: 200 });
    expect(plan({ mirror: true, crop }).stored).toEqual({ x: 2800, y: 0, width: 200, height: 300 });
    expect(plan({ crop }, PHOTO, 8).stored).toEqual({ x: 2700, y: 0, width: 300, height: 200 });
  });

  it.each([
    [{ kind: 'rect', x: 2900, y: 0, width: 200, height: 100 }],
    [{ kind: 'rect', x: 0, y: 0, width: 0, height: 100 }],
    [{ kind: 'rect', x: 0.5, y: 0, width: 10, height: 10 }],
  ] as const)('refuses %o', (crop) => {
    const refusal = planEdit(PHOTO, 1, { ...NO_EDIT, crop });
    expect(refusal).toMatchObject({ kind: 'refusal', code: 'bad-options' });
    expect(refusal).toHaveProperty('message', expect.stringContaining('3000 x 2000'));
  });

  it('refuses too large an angle', () => {
    expect(planEdit(PHOTO, 1, { ...NO_EDIT, straighten: 46 })).toMatchObject({ kind: 'refusal' });
    expect(planEdit(PHOTO, 1, { ...NO_EDIT, straighten: Number.NaN })).toMatchObject({ kind: 'refusal' });
  });
});

describe('straightening', () => {
  /** Whether all corners of the result lie in the picture that was turned. */
  function isWithin({ size, straightening }: EditPlan, slack = 1e-6): boolean {
    const { cos, sin, originX, originY, picture } = straightening!;
    return [0, size.width].every((x) =>
      [0, size.height].every((y) => {
        const px = originX + cos * x + sin * y;
        const py = originY + cos * y - sin * x;
        return px >= -slack && py >= -slack && px <= picture.width + slack && py <= picture.height + slack;
      }),
    );
  }

  it.each([0.1, -1, 3.7, -12, 30, 45, -45])('by %f degrees cuts all corners off, and no more', (straighten) => {
    for (const crop of [null, { kind: 'aspect', width: 1, height: 1, follow: false }] as const) {
      const planned = plan({ straighten, crop });
      expect(isWithin(planned)).toBe(true);
      const ratio = crop === null ? 1.5 : 1;
      expect(Math.abs(planned.size.width - ratio * planned.size.height)).toBeLessThan(2);
      // Two pixels more each way do not fit.
      const { width, height } = planned.size;
      const { straightening } = planned;
      const [w, h] = [width + 4, height + 4];
      const { cos, sin, originX, originY } = straightening!;
      const larger: EditPlan = {
        ...planned,
        size: { width: w, height: h },
        straightening: {
          ...straightening!,
          originX: originX - 2 * cos - 2 * sin,
          originY: originY - 2 * cos + 2 * sin,
        },
      };
      expect(isWithin(larger)).toBe(false);
    }
  });

  it('fills the corners of the whole picture', () => {
    const planned = plan({ straighten: 45, corners: 'fill' }, { width: 1000, height: 1000 });
    expect(planned.size).toEqual({ width: 1414, height: 1414 });
    expect(planned.stored).toEqual({ x: 0, y: 0, width: 1000, height: 1000 });
  });

  it('decodes no more than a crop needs', () => {
    const crop = { kind: 'rect', x: 1000, y: 800, width: 100, height: 50 } as const;
    const { stored } = plan({ straighten: 2, corners: 'fill', crop });
    expect(stored.width).toBeLessThan(115);
    expect(stored.height).toBeLessThan(65);
  });
});
