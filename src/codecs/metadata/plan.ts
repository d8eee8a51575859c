import type { Size } from '../../core/geometry.ts';
import { NO_METADATA, type Density, type Metadata, type MetadataPolicy } from '../../core/metadata.ts';
import type { Channels } from '../../core/pixels.ts';
import { editExif, readExif } from './exif.ts';
import { readProfile } from './icc.ts';
import { editXmp } from './xmp.ts';
import { say, str, type Text } from '../../core/text.ts';

/** What decides about the metadata of the output beside the source's own. */
export interface OutputFacts {
  /** Pixels per inch to write; null keeps the source's. */
  readonly dpi: number | null;
  readonly outputSize: Size;
  readonly outputChannels: Channels;
}

/** The metadata to write, and whole sentences for the receipt about what was kept and what was not, and why. */
export interface MetadataPlan {
  readonly metadata: Metadata;
  readonly kept: readonly Text[];
  readonly dropped: readonly Text[];
}

/**
 * Fits a source's metadata to the picture that is written: upright, of another size and density, without embedded
 * thumbnails, and without what the policy removes. The colour profile stays under every policy while it describes the pixels,
 * because without it the colours would be others.
 */
export function outputMetadata(source: Metadata, policy: MetadataPolicy, facts: OutputFacts): MetadataPlan {
  const kept: Text[] = [];
  const dropped: Text[] = [];
  const density = densityToWrite(source, policy, facts.dpi);
  const icc = profileToWrite(source.icc, facts.outputChannels, kept, dropped);
  const blocks = { source, policy, density, size: facts.outputSize, kept, dropped };
  const exif = exifToWrite(blocks);
  const xmp = xmpToWrite(blocks);
  dropped.push(...(source.others ?? []));
  if (density) kept.push(say(str`Density ${describe(density)} pixels per inch.`));
  return { metadata: { ...NO_METADATA, icc, exif, xmp, density }, kept, dropped };
}

interface Blocks {
  readonly source: Metadata;
  readonly policy: MetadataPolicy;
  readonly density: Density | null;
  readonly size: Size;
  readonly kept: Text[];
  readonly dropped: Text[];
}

function densityToWrite(source: Metadata, policy: MetadataPolicy, dpi: number | null): Density | null {
  if (dpi !== null) return { x: dpi, y: dpi };
  if (policy === 'none' || source.density === null) return null;
  const { x, y } = source.density;
  // Orientations 5 to 8 exchange the directions.
  return source.orientation >= 5 ? { x: y, y: x } : { x, y };
}

const describe = ({ x, y }: Density): string => {
  const short = (value: number): string => String(Math.round(value * 100) / 100);
  return x === y ? short(x) : `${short(x)} x ${short(y)}`;
};

const SPACES = {
  grey: say('grey'),
  rgb: 'RGB',
  cmyk: 'CMYK',
  lab: 'Lab',
  other: say('another colour space'),
} as const;

function profileToWrite(icc: Metadata['icc'], channels: Channels, kept: Text[], dropped: Text[]): Metadata['icc'] {
  if (icc === null) return null;
  const profile = readProfile(icc);
  if (profile === null) {
    dropped.push(say('Colour profile: it is damaged.'));
    return null;
  }
  const wanted = channels === 1 ? 'grey' : 'rgb';
  if (profile.colourSpace !== wanted) {
    dropped.push(
      say(
        str`Colour profile ${profile.name}: it is for ${SPACES[profile.colourSpace]}, the output is ${SPACES[wanted]}.`,
      ),
    );
    return null;
  }
  kept.push(say(str`Colour profile ${profile.name}.`));
  return icc;
}

function exifToWrite({ source, policy, density, size, kept, dropped }: Blocks): Metadata['exif'] {
  if (source.exif === null) return null;
  const summary = readExif(source.exif);
  if (summary === null) {
    dropped.push(say('EXIF: the block is damaged.'));
    return null;
  }
  if (policy === 'none') {
    dropped.push(say('EXIF: all metadata was to be removed.'));
    return null;
  }
  const dropLocation = policy === 'no-location';
  const edited = editExif(source.exif, { orientation: 1, dropThumbnail: true, dropLocation, density, size });
  if (edited === null) {
    dropped.push(say('EXIF: it holds a location that cannot be removed safely.'));
    return null;
  }
  kept.push(say('EXIF, with orientation, size and density of the output.'));
  if (summary.thumbnail) dropped.push(say('Embedded thumbnail: it shows the picture before.'));
  if (dropLocation && summary.location) dropped.push(say('Location in EXIF.'));
  return edited;
}

function xmpToWrite({ source, policy, density, size, kept, dropped }: Blocks): Metadata['xmp'] {
  if (source.xmp === null) return null;
  if (policy === 'none') {
    dropped.push(say('XMP: all metadata was to be removed.'));
    return null;
  }
  const dropLocation = policy === 'no-location';
  const edited = editXmp(source.xmp, { dropLocation, density, size });
  if (edited === null) {
    dropped.push(say('XMP: the packet is damaged, or could not be edited safely.'));
    return null;
  }
  kept.push(say('XMP, with orientation, size and density of the output.'));
  const whole = dropLocation ? editXmp(source.xmp, { dropLocation: false, density, size }) : null;
  if (whole !== null && whole.length !== edited.length) dropped.push(say('Location in XMP.'));
  return edited;
}
