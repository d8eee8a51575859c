import { say, type Text } from '../core/text.ts';

/** What becomes of the colours of a CMYK file: told by its header and again, in the same words, by its decoder. */
export const cmykNote = (hasProfile: boolean): Text =>
  hasProfile
    ? say('CMYK colours are converted to sRGB, and the profile is replaced.')
    : say(
        'CMYK colours without a profile are converted to sRGB by a general profile; they may look different from print.',
      );
