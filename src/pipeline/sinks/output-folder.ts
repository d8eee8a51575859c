/** The folder in OPFS for finished files that wait to be downloaded, and for those being written. */
export const OUTPUT_FOLDER = 'outputs';

/** What a file there is called until it is complete. */
export const partName = (name: string): string => `${name}.part`;
