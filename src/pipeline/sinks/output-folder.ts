/** The folder in OPFS for finished files that wait to be downloaded, and for those being written. */
export const OUTPUT_FOLDER = 'outputs';

/** The Web Lock of a name there: held, as long as it lives, by whoever the file belongs to. One without is left over. */
export const outputLock = (name: string): string => `pro-upscaler.output.${name}`;

/** What files there begin with that are a part of another one until it is complete. */
export const SCRATCH = 'scratch-';

/** What a file there is called until it is complete. */
export const partName = (name: string): string => `${name}.part`;
