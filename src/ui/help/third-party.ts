import document from '../../../THIRD_PARTY.md?raw';

/** A part of the app that others made. */
export interface ThirdParty {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Empty where it has none. */
  readonly home: string;
}

/** The rows of THIRD_PARTY.md that are in the app. */
export const THIRD_PARTIES: readonly ThirdParty[] = document
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| package'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, , , , use]) => use === 'app')
  .map(([, name = '', version = '', licence = '', , home = '']) => ({ name, version, licence, home }));
