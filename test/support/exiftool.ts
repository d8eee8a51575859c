import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a function with a folder that is gone afterwards. */
function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'exiftool-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every tag that exiftool finds in a file, by group and name, as it prints them without conversion; its warnings too. */
export function tagsByExiftool(file: Uint8Array, name: string): Record<string, unknown> {
  return withFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    const json = execFileSync('exiftool', ['-j', '-n', '-a', '-G1', '-u', '-b', path], { encoding: 'utf8' });
    return (JSON.parse(json) as Record<string, unknown>[])[0]!;
  });
}

/** A file after exiftool has written tags into it. */
export function writtenByExiftool(file: Uint8Array, name: string, ...tags: string[]): Uint8Array<ArrayBuffer> {
  return withFolder((folder) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    execFileSync('exiftool', ['-q', '-overwrite_original', ...tags, path]);
    return Uint8Array.from(readFileSync(path));
  });
}

/** A JPEG with an application segment put in directly after its start. */
export function withSegment(jpeg: Uint8Array, marker: number, ...content: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, part) => sum + part.length, 2);
  const head = Uint8Array.of(0xff, marker, length >> 8, length & 255);
  return Uint8Array.from(Buffer.concat([jpeg.subarray(0, 2), head, ...content, jpeg.subarray(2)]));
}
