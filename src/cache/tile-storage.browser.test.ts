import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plain } from '../core/text.ts';
import { deleteTiles, TileStorage, type TileStorageOptions } from './tile-storage.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 2 ** 20;
/** More than any tile here would have to take to be worth keeping. */
const LONG = 1e6;

let open: TileStorage[] = [];
const storage = (options: TileStorageOptions = {}): TileStorage => {
  const made = new TileStorage(options);
  open.push(made);
  return made;
};

/** Bytes that differ from tile to tile, and do not compress. */
const tile = (seed: number, length: number): Uint8Array<ArrayBuffer> => {
  let state = seed * 2654435761;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
};

beforeEach(() => deleteTiles());
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
  await deleteTiles();
});

it('gives back what another one has kept', async () => {
  const first = storage();
  await first.put('a', tile(1, 1000), LONG);
  await first.put('b', tile(2, 3), LONG);
  await first.close();
  const second = storage();
  expect(await second.get('a')).toEqual(tile(1, 1000));
  expect(await second.get('b')).toEqual(tile(2, 3));
  expect(await second.get('c')).toBeNull();
});

it('goes on after everything was deleted', async () => {
  const tiles = storage();
  await tiles.put('a', tile(1, 1000), LONG);
  await expect.poll(() => tiles.get('a')).not.toBeNull();
  // Its connection is open, and closed for this.
  await deleteTiles();
  await tiles.put('b', tile(2, 1000), LONG);
  await tiles.close();
  expect(await tiles.get('a')).toBeNull();
  expect(await tiles.get('b')).toEqual(tile(2, 1000));
});

it('declines what is computed sooner than kept', async () => {
  const tiles = storage();
  await tiles.put('quick', tile(1, MEBIBYTE), 2);
  await tiles.put('slow', tile(2, MEBIBYTE), 200);
  await tiles.close();
  expect(await tiles.get('quick')).toBeNull();
  expect(await tiles.get('slow')).not.toBeNull();
});

it('keeps to its budget and gives up the least recently used', async () => {
  const size = 8 * KIBIBYTE;
  const budget = 10 * size;
  const tiles = storage({ budget });
  for (let i = 0; i < 8; i++) await tiles.put(`tile ${i}`, tile(i, size), LONG);
  await tiles.close();
  // The oldest is looked at again.
  expect(await tiles.get('tile 0')).toEqual(tile(0, size));
  await tiles.close();
  for (let i = 8; i < 16; i++) await tiles.put(`tile ${i}`, tile(i, size), LONG);
  await tiles.close();
  const found: number[] = [];
  for (let i = 0; i < 16; i++) if ((await tiles.get(`tile ${i}`)) !== null) found.push(i);
  expect(found.length * size).toBeLessThanOrEqual(budget + size);
  expect(found.length).toBeGreaterThanOrEqual(8);
  expect(found).toContain(0);
  expect(found).not.toContain(1);
  expect(found.at(-1)).toBe(15);
});

it('counts a tile that is put twice once', async () => {
  const size = 8 * KIBIBYTE;
  const tiles = storage({ budget: 4 * size });
  for (let i = 0; i < 12; i++) await tiles.put('same', tile(i, size), LONG);
  await tiles.put('other', tile(99, size), LONG);
  await tiles.close();
  expect(await tiles.get('same')).toEqual(tile(11, size));
  expect(await tiles.get('other')).toEqual(tile(99, size));
});

describe('where the storage is full', () => {
  /** Tiles that fit beside others; e2e/kept-tiles.spec.ts has a storage that is really full. */
  let room: number;
  const { put } = IDBObjectStore.prototype;

  beforeEach(() => {
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'tiles' && --room < 0) throw new DOMException('no room', 'QuotaExceededError');
      return put.apply(this, args);
    };
  });
  afterEach(() => {
    IDBObjectStore.prototype.put = put;
  });

  it('says so once, and goes on without', async () => {
    room = 0;
    const told: string[] = [];
    const tiles = storage({ onTrouble: (message) => told.push(plain(message)) });
    for (let i = 0; i < 3; i++) await tiles.put(`tile ${i}`, tile(i, KIBIBYTE), LONG);
    await tiles.close();
    expect(told).toEqual([expect.stringMatching(/storage of the browser is full.*goes on/)]);
    expect(await tiles.get('tile 0')).toBeNull();
  });

  it('makes room among its own tiles', async () => {
    room = 4;
    const told: string[] = [];
    const tiles = storage({ onTrouble: (message) => told.push(plain(message)) });
    for (let i = 0; i < 4; i++) await tiles.put(`tile ${i}`, tile(i, KIBIBYTE), LONG);
    await tiles.close();
    // One more is refused, until others have gone.
    const refused = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'tiles' && room === 0) {
        room = 1;
        throw new DOMException('no room', 'QuotaExceededError');
      }
      return refused.apply(this, args);
    };
    await tiles.put('tile 4', tile(4, KIBIBYTE), LONG);
    await tiles.close();
    expect(told).toEqual([]);
    expect(await tiles.get('tile 4')).toEqual(tile(4, KIBIBYTE));
    expect(await tiles.get('tile 3')).not.toBeNull();
    expect(await tiles.get('tile 0')).toBeNull();
  });
});
