import { afterAll, describe, expect, test } from 'vitest';
import { sceneSamples } from '../../../test/support/scene.ts';
import type { InputFormat } from '../../core/formats.ts';
import type { Channels, Depth } from '../../core/pixels.ts';
import { decodeAll, infoOf, largestDifference, meanDifference, startVips, type InfoPatch } from './support.testing.ts';

const urls = import.meta.glob<string>('../../../test/fixtures/{tiff,jpeg,jxl,avif,webp,png}/*', {
  query: '?url',
  import: 'default',
  eager: true,
});

async function fixture(name: string): Promise<File> {
  const url = urls[`../../../test/fixtures/${name}`];
  if (url === undefined) throw new Error(`there is no fixture ${name}`);
  return new File([await (await fetch(url)).arrayBuffer()], name.split('/').at(-1) ?? name);
}

const { api, worker } = startVips();
afterAll(() => worker.terminate());

const formatOf = (name: string): InputFormat => {
  const folder = name.split('/')[0];
  return folder as InputFormat;
};

const decode = async (name: string, channels: Channels, depth: Depth, patch: InfoPatch = {}, rows = 10) =>
  decodeAll(api, await fixture(name), infoOf(formatOf(name), channels, depth, patch), rows);

const exact = [
  ...['strips', 'lzw', 'deflate', 'packbits', 'tiled', 'planar', 'bigtiff', 'big-endian', 'pages'].map(
    (name) => [`tiff/${name}.tif`, 3, 8] as const,
  ),
  ['tiff/rgb16.tif', 3, 16],
  ['tiff/grey.tif', 1, 8],
  ['tiff/grey16.tif', 1, 16],
  ['tiff/alpha.tif', 4, 8],
  ['tiff/alpha16.tif', 4, 16],
  ['png/rgb.png', 3, 8],
  ['png/rgb16.png', 3, 16],
  ['png/rgba.png', 4, 8],
  ['jxl/lossless.jxl', 3, 8],
  ['jxl/lossless16.jxl', 3, 16],
  ['jxl/alpha.jxl', 4, 8],
  ['jxl/grey.jxl', 1, 8],
  ['webp/lossless.webp', 3, 8],
  ['webp/alpha-lossless.webp', 4, 8],
  ['avif/alpha.avif', 4, 8],
] as const;

test.each(exact)('%s comes out as it was drawn', async (name, channels, depth) => {
  const { samples, toSrgb, warnings } = await decode(name, channels, depth);
  expect(largestDifference(samples, sceneSamples(channels, depth === 8 ? 255 : 65535))).toBe(0);
  expect({ toSrgb, warnings }).toEqual({ toSrgb: false, warnings: [] });
});
