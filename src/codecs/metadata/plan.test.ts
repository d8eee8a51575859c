import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { NO_METADATA, type Metadata } from '../../core/metadata.ts';
import { probeSource } from '../probe.ts';
import { readExif } from './exif.ts';
import { outputMetadata, type OutputFacts } from './plan.ts';
import { plain, say } from '../../core/text.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const FACTS: OutputFacts = { dpi: null, outputSize: { width: 430, height: 610 }, outputChannels: 3 };

let camera: Metadata;

beforeAll(async () => {
  const file = new Blob([Uint8Array.from(readFileSync(join(FIXTURES, 'jpeg/camera.jpg')))]);
  camera = (await probeSource(file, 'camera.jpg')).metadata;
});

const text = (packet: Uint8Array | null): string => new TextDecoder().decode(packet ?? new Uint8Array(0));

describe('outputMetadata', () => {
  it('keeps everything that is still true', () => {
    const { metadata, kept, dropped } = outputMetadata(camera, 'keep', FACTS);
    expect(metadata).toMatchObject({ orientation: 1, icc: camera.icc, density: { x: 300, y: 300 } });
    expect(readExif(metadata.exif!)).toEqual({
      ...{ orientation: 1, density: { x: 300, y: 300 }, location: true, thumbnail: false },
    });
    expect(text(metadata.xmp)).toContain('tiff:Orientation="1"');
    expect(text(metadata.xmp)).toContain('Vienna');
    expect(kept.map(plain).join(' ')).toMatch(/Colour profile sRGB\..*EXIF.*XMP.*Density 300/);
    expect(dropped.map(plain)).toEqual(['Embedded thumbnail: it shows the picture before.']);
  });

  it('tells what it cannot carry over, under every policy', () => {
    const source = { ...camera, others: [say('Texts: Author.')] };
    for (const policy of ['keep', 'no-location', 'none'] as const) {
      const { metadata, dropped } = outputMetadata(source, policy, FACTS);
      expect(dropped.map(plain)).toContain('Texts: Author.');
      expect(metadata.others).toBeUndefined();
    }
  });

  it('removes the location on request, and says so', () => {
    const { metadata, dropped } = outputMetadata(camera, 'no-location', FACTS);
    expect(readExif(metadata.exif!)!.location).toBe(false);
    expect(text(metadata.xmp)).not.toMatch(/Vienna|Austria|GPS/);
    expect(dropped.map(plain)).toContain('Location in EXIF.');
    expect(dropped.map(plain)).toContain('Location in XMP.');
  });

  it('removes all but the profile that the colours need', () => {
    const { metadata, dropped } = outputMetadata(camera, 'none', FACTS);
    expect(metadata).toEqual({ ...NO_METADATA, icc: camera.icc });
    expect(dropped).toHaveLength(2);
  });

  it('writes the density that is asked for, everywhere, under every policy', () => {
    const { metadata } = outputMetadata(camera, 'keep', { ...FACTS, dpi: 240 });
    expect(metadata.density).toEqual({ x: 240, y: 240 });
    expect(readExif(metadata.exif!)!.density).toEqual({ x: 240, y: 240 });
    expect(outputMetadata(camera, 'none', { ...FACTS, dpi: 240 }).metadata.density).toEqual({ x: 240, y: 240 });
  });

  it('exchanges the directions of a density with those of the picture', () => {
    const source: Metadata = { ...NO_METADATA, density: { x: 100, y: 200 }, orientation: 6 };
    expect(outputMetadata(source, 'keep', FACTS).metadata.density).toEqual({ x: 200, y: 100 });
    expect(outputMetadata({ ...source, orientation: 3 }, 'keep', FACTS).metadata.density).toEqual({ x: 100, y: 200 });
  });

  it('drops profiles that no longer describe the pixels', async () => {
    const pixel = sharp(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } });
    const press = await sharp(await pixel.toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer()).metadata();
    const icc = Uint8Array.from(press.icc!);
    const { metadata, dropped } = outputMetadata({ ...NO_METADATA, icc }, 'keep', FACTS);
    expect(metadata.icc).toBeNull();
    expect(dropped.map(plain).join()).toContain('for CMYK, the output is RGB');
    const onGrey = outputMetadata(camera, 'keep', { ...FACTS, outputChannels: 1 });
    expect(onGrey.dropped.map(plain).join()).toContain('for RGB, the output is grey');
    const broken = outputMetadata({ ...NO_METADATA, icc: new Uint8Array(200) }, 'keep', FACTS);
    expect(broken.dropped.map(plain)).toEqual(['Colour profile: it is damaged.']);
  });

  it('drops damaged blocks', () => {
    const damaged: Metadata = { ...NO_METADATA, exif: new Uint8Array(50), xmp: Uint8Array.of(0xff, 0xfe) };
    const { metadata, dropped } = outputMetadata(damaged, 'keep', FACTS);
    expect(metadata).toEqual(NO_METADATA);
    expect(dropped).toHaveLength(2);
  });

  it('has nothing to say about nothing', () => {
    expect(outputMetadata(NO_METADATA, 'keep', FACTS)).toEqual({ metadata: NO_METADATA, kept: [], dropped: [] });
  });
});
