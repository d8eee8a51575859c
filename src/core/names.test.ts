import { describe, expect, test } from 'vitest';
import { expandTemplate, isTemplate, safePath, safeSegment, scaleText, type NameValues } from './names.ts';

const values: NameValues = {
  name: 'sea.view',
  dir: 'trip/day 1',
  source: { width: 2000, height: 3000 },
  output: { width: 8000, height: 12000 },
  kernel: 'lanczos3',
  format: 'jpeg',
  ext: 'jpg',
};

describe('templates', () => {
  test('every field', () => {
    expect(expandTemplate('{dir}/{name}-{scale}x-{width}x{height}-{kernel}-{format}.{ext}', values)).toBe(
      'trip/day 1/sea.view-4x-8000x12000-lanczos3-jpeg.jpg',
    );
  });

  test.each(['{nmae}.png', '{constructor}', '{toString}.png'])('an unknown field is named: %s', (template) => {
    expect(() => expandTemplate(template, values)).toThrow(/is unknown in the name/);
  });

  test('what looks like one', () => {
    expect([isTemplate('{name}.png'), isTemplate('plain.png'), isTemplate('odd{}.png')]).toEqual([true, false, false]);
  });
});

describe('factors', () => {
  test.each([
    [3000, 4500, '1.5'],
    [3333, 5000, '1.67'],
    [667, 1000, '0.33'],
    [2000, 6000, '1x2'],
    [9004, 13501, '4.5'],
  ])('%d x %d of 2000 x 3000 is %s', (width, height, text) => {
    expect(scaleText(values.source, { width, height })).toBe(text);
  });
});

describe('parts of paths', () => {
  test.each([
    ['a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h'],
    ['tab\there', 'tab_here'],
    ['up/down\\left', 'up_down_left'],
    ['  spaced  ', 'spaced'],
    ['dots...', 'dots'],
    ['..', ''],
    ['海辺', '海辺'],
  ])('%j becomes %j', (text, safe) => {
    expect(safeSegment(text)).toBe(safe);
  });

  test('nothing leads out of the folder', () => {
    expect(safePath('../../etc//./passwd')).toEqual(['etc', 'passwd']);
    expect(safePath('/a\\..\\b')).toEqual(['a', 'b']);
  });
});
