import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { tagsByExiftool } from '../../../test/support/exiftool.ts';
import { primariesName, profileCurves, readProfile } from './icc.ts';
import { profileOfCodePoints } from './icc-build.ts';

describe('profileOfCodePoints', () => {
  it.each([
    [1, 13, 'BT.709', 'sRGB'],
    [12, 13, 'Display P3', 'Display P3'],
    [9, 13, 'Rec. 2020', 'Rec. 2020'],
  ])('builds the profile of primaries %i and curve %i', (primaries, transfer, name, known) => {
    const icc = profileOfCodePoints(primaries, transfer)!;
    expect(readProfile(icc)!.name).toContain(name);
    expect(primariesName(icc)).toBe(known);
    const curve = profileCurves(icc)!.toLinear[1]!;
    expect(curve[Math.round((curve.length - 1) / 2)]).toBeCloseTo(0.2141, 3);
  });

  it("converts as libvips' own Display P3 does", async () => {
    const samples = Uint8Array.from({ length: 3 * 512 }, (_, i) => (i % 3 === 0 ? (i / 3) & 255 : (i * 37) & 255));
    const folder = mkdtempSync(join(tmpdir(), 'profile-'));
    try {
      const path = join(folder, 'made.icc');
      writeFileSync(path, profileOfCodePoints(12, 13)!);
      const convert = async (profile: string): Promise<Uint8Array> => {
        const file = await sharp(samples, { raw: { width: 512, height: 1, channels: 3 } })
          .png()
          .withIccProfile(profile)
          .toBuffer();
        // Without its profile the file's samples come back as they are.
        return sharp(await sharp(file).keepIccProfile().png().toBuffer(), { ignoreIcc: true })
          .raw()
          .toBuffer();
      };
      const [ours, theirs] = [await convert(path), await convert('p3')];
      expect(Buffer.compare(ours, samples)).not.toBe(0);
      expect(ours.every((value, i) => Math.abs(value - theirs[i]!) <= 1)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is whole to exiftool', () => {
    const tags = tagsByExiftool(profileOfCodePoints(12, 1)!, 'p3.icc');
    expect(tags['ICC_Profile:ProfileDescription']).toBe('Display P3, BT.709 curve');
    expect(Object.keys(tags).filter((key) => key.includes('Warning'))).toEqual([]);
  });

  it('says nothing of HDR and unknown code points', () => {
    expect(profileOfCodePoints(9, 16)).toBeNull();
    expect(profileOfCodePoints(9, 18)).toBeNull();
    expect(profileOfCodePoints(22, 13)).toBeNull();
  });
});
