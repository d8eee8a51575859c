import { describe, expect, it } from 'vitest';
import { chooseFormat, expandTemplate, formatOfPath, templateOf } from '../../../scripts/cli/names.ts';

const values = {
  relative: 'trip/day 1/sea.view.JPG',
  source: { width: 2000, height: 3000 },
  output: { width: 8000, height: 12000 },
  kernel: 'lanczos3',
  format: 'jpeg',
} as const;

describe('formats by name', () => {
  it.each([
    ['a.png', 'png'],
    ['a.JPG', 'jpeg'],
    ['a.b.jpeg', 'jpeg'],
    ['a.tif', 'tiff'],
    ['a.tiff', 'tiff'],
    ['a.webp', 'webp'],
    ['a.avif', 'avif'],
    ['a.jxl', 'jxl'],
    ['a.gif', null],
    ['a', null],
    ['png', null],
  ])('%s is %s', (path, format) => {
    expect(formatOfPath(path)).toBe(format);
  });

  it('prefers what was asked, then the ending, then the input', () => {
    expect(chooseFormat('tiff', 'a.png', 'jpeg')).toBe('tiff');
    expect(chooseFormat(null, 'a.png', 'jpeg')).toBe('png');
    expect(chooseFormat(null, '{name}.{ext}', 'webp')).toBe('webp');
    expect(chooseFormat(null, '{name}.{ext}', 'gif')).toBe('png');
  });

  it('refuses an ending that stands for nothing', () => {
    expect(() => chooseFormat(null, 'dir/a.gif', 'png')).toThrow(/a\.gif ends in \.gif/);
    expect(() => chooseFormat(null, 'dir/a', 'png')).toThrow(/has no ending/);
  });
});

describe('templates', () => {
  it('fills every placeholder', () => {
    expect(expandTemplate('{dir}/{name}-{scale}x-{width}x{height}-{kernel}-{format}.{ext}', values)).toBe(
      'trip/day 1/sea.view-4x-8000x12000-lanczos3-jpeg.jpg',
    );
  });

  it('names an unknown placeholder and the known ones', () => {
    expect(() => expandTemplate('{nmae}.png', values)).toThrow(/\{nmae\} is unknown/);
  });

  it('keeps sub-folders below an output folder', () => {
    expect(expandTemplate(templateOf('/out', true), values)).toBe('/out/trip/day 1/sea.view-4x.jpg');
    expect(expandTemplate(templateOf('/out', true), { ...values, relative: 'sea.jpg' })).toBe('/out/./sea-4x.jpg');
    expect(templateOf('/out/a.png', false)).toBe('/out/a.png');
  });
});
