/** A folder of small pictures of many kinds, three of them broken, as a person's folder may be. */
import type { Page } from '@playwright/test';
import sharp from 'sharp';

/** Paths inside the folder, and what they hold. */
export type Album = ReadonlyMap<string, Buffer>;

export const BROKEN = ['cut.png', 'trip/letter.jpg', 'trip/day 2/nothing.webp'] as const;

const KINDS = ['png', 'jpeg', 'webp', 'gif'] as const;

/** Thirty files in three folders; with a text that is no picture at all beside them. */
export async function makeAlbum(): Promise<Album> {
  const album = new Map<string, Buffer>();
  const folders = ['', 'trip/', 'trip/day 2/'];
  for (let i = 0; i < 27; i++) {
    const kind = i === 7 ? 'tiff' : KINDS[i % KINDS.length]!;
    const picture = sharp({
      create: { width: 24 + i, height: 40 - i, channels: 3, background: { r: 9 * i, g: 255 - 9 * i, b: 128 } },
    });
    album.set(`${folders[i % 3]}picture ${i + 1}.${kind}`, await picture.toFormat(kind).toBuffer());
  }
  const noise = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 7919 + (i >> 3)) & 255));
  const whole = await sharp(noise, { raw: { width: 100, height: 100, channels: 3 } })
    .png()
    .toBuffer();
  album.set(BROKEN[0], whole.subarray(0, whole.length >> 1));
  album.set(BROKEN[1], Buffer.from('Dear reader, this is no picture.\n'));
  album.set(BROKEN[2], Buffer.alloc(0));
  album.set('trip/notes.txt', Buffer.from('not a picture, and not named like one\n'));
  return album;
}

/** Puts the album into the origin's private file system, where a stubbed picker finds it. */
export async function putAlbum(page: Page, folder: string, album: Album): Promise<void> {
  const files = [...album].map(([path, bytes]) => [path, bytes.toString('base64')] as const);
  await page.evaluate(
    async ([name, entries]) => {
      const root = await navigator.storage.getDirectory();
      for (const [path, text] of entries) {
        const parts = [name, ...path.split('/')];
        let directory = root;
        for (const part of parts.slice(0, -1)) directory = await directory.getDirectoryHandle(part, { create: true });
        const writable = await (await directory.getFileHandle(parts.at(-1)!, { create: true })).createWritable();
        await writable.write(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
        await writable.close();
      }
    },
    [folder, files] as const,
  );
}

/** All files below a folder of the private file system: paths, sorted, and bytes. */
export async function filesBelow(page: Page, folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = await page.evaluate(async (name) => {
    const files: [string, string][] = [];
    const visit = async (directory: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const entry of directory.values()) {
        if (entry.kind === 'directory') await visit(entry as FileSystemDirectoryHandle, `${path}${entry.name}/`);
        else {
          // What a running job is about to rename may be gone by now.
          const file = await (entry as FileSystemFileHandle).getFile().catch(() => null);
          const content = await file?.arrayBuffer().catch(() => null);
          if (content == null) continue;
          const bytes = new Uint8Array(content);
          files.push([path + entry.name, Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')]);
        }
      }
    };
    await visit(await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true }), '');
    return files;
  }, folder);
  return new Map(found.sort().map(([path, text]) => [path, Buffer.from(text, 'latin1')]));
}
