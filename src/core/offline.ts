/** What the page and its service worker agree on: names, addresses and messages. */

/** A part of the app that is only kept offline once it is used, or when everything is asked for. */
export interface OfflinePart {
  /** Relative to the app's own address. */
  readonly url: string;
  /** Changes with the content, for files whose names do not; else null. */
  readonly revision: string | null;
  readonly bytes: number;
  readonly kind: OfflinePartKind;
}

export const OFFLINE_PART_KINDS = ['engine', 'codecs', 'models', 'languages', 'other'] as const;
export type OfflinePartKind = (typeof OFFLINE_PART_KINDS)[number];

/** The file that lists all parts, beside the app. */
export const OFFLINE_PARTS_FILE = 'offline-parts.json';

/** The cache with the parts. Its entries are checked against the list when a new version takes over. */
export const PARTS_CACHE = 'pro-upscaler.parts';

/** The address under which a part lies in the cache: its own, with the revision where there is one. */
export function partCacheKey({ url, revision }: Pick<OfflinePart, 'url' | 'revision'>, base: string): string {
  const address = new URL(url, base).href;
  return revision === null ? address : `${address}?revision=${revision}`;
}

/** The parts that a format's library is made of: its core, and what AVIF and JPEG XL need beside it. */
export type LibraryPart = 'vips' | 'avif' | 'jxl';

/** The library's part that a file of the app belongs to; null for all others. */
export function libraryPartOf({ url, kind }: Pick<OfflinePart, 'url' | 'kind'>): LibraryPart | null {
  if (kind !== 'codecs' || !/^assets\/vips[.-]/.test(url)) return null;
  if (/^assets\/vips-heif-.*\.wasm$/.test(url)) return 'avif';
  return /^assets\/vips-jxl-.*\.wasm$/.test(url) ? 'jxl' : 'vips';
}

/** Where other apps send pictures to: the manifest's share target, relative to the app's own address. */
export const SHARE_TARGET = 'share';

/** The field of the share's form that the files are in. */
export const SHARE_FIELD = 'pictures';

/** The cache that shared files wait in until a page takes them. */
export const INBOX_CACHE = 'pro-upscaler.inbox';

/** The header of an inbox entry that has the file's name, percent-encoded. */
export const INBOX_NAME_HEADER = 'x-file-name';

/** The page's query parameter that tells how a share went. */
export const SHARED_PARAMETER = 'shared';

/** `files`: they wait in the inbox; `none`: nothing was in it; `full`: the disk had no room for them. */
export const SHARE_OUTCOMES = ['files', 'none', 'full'] as const;
export type ShareOutcome = (typeof SHARE_OUTCOMES)[number];
