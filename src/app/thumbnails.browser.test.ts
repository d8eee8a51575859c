import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { PreviewSession } from '../workers/preview-client.ts';
import type { Region, TileView } from '../workers/protocol.ts';
import type { Picture } from './picture.ts';
import type { OpenSession, PreviewState } from './preview.ts';
import { IDLE_QUEUE, type QueueState } from './queue.ts';
import { Store } from './store.ts';
import { INFO, pictureNamed } from './testing.ts';
import { Thumbnails } from './thumbnails.ts';

const RUNNING: QueueState = { ...IDLE_QUEUE, running: true };
const never = new AbortController().signal;

let ids = 0;
/** A TIFF that no browser decodes. */
const tiff = (change: Partial<Picture> = {}): Picture =>
  pictureNamed(`${++ids}.tif`, { id: ids, info: { ...INFO, format: 'tiff', model: 'cmyk' }, ...change });

interface Held {
  readonly session: PreviewSession;
  readonly give: (error?: Error) => void;
  readonly asked: () => boolean;
  readonly closed: () => boolean;
}

/** A session whose tile comes when the test says so. */
function heldSession(): Held {
  let give!: Held['give'];
  const promise = new Promise<null>((resolve, reject) => {
    give = (error) => (error === undefined ? resolve(null) : reject(error));
  });
  let [asked, closed] = [false, false];
  const session = {
    source: { info: INFO, upright: INFO, giant: false },
    get ended() {
      return closed;
    },
    async tile(_: TileView, { size }: Region, signal: AbortSignal) {
      asked = true;
      await Promise.race([
        promise,
        new Promise((__, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error))),
      ]);
      return createImageBitmap(new ImageData(size.width, size.height));
    },
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  } as unknown as PreviewSession;
  return { session, give, asked: () => asked, closed: () => closed };
}

function setUp(): {
  readonly thumbnails: Thumbnails;
  readonly preview: Store<PreviewState>;
  readonly queue: Store<QueueState>;
  readonly opened: (Held & { readonly name: string })[];
} {
  const preview = new Store<PreviewState>({ kind: 'none' });
  const queue = new Store<QueueState>(IDLE_QUEUE);
  const opened: (Held & { readonly name: string })[] = [];
  const open: OpenSession = ({ sourceName }) => {
    const held = { ...heldSession(), name: sourceName };
    opened.push(held);
    return Promise.resolve(held.session);
  };
  return { thumbnails: new Thumbnails({ open, preview, queue }), preview, queue, opened };
}

const openOf = (picture: Picture, session: PreviewSession, decoded: number): PreviewState =>
  ({ kind: 'open', picture, session, decoded }) as unknown as PreviewState;

test('pictures are decoded one after another, and not again when they are asked for again', async () => {
  const { thumbnails, opened } = setUp();
  const [first, second] = [tiff(), tiff()];
  const [one, two] = [thumbnails.make(first, never), thumbnails.make(second, never)];
  await expect.poll(() => opened.length).toBe(1);
  opened[0]!.give();
  expect(await one).toMatchObject({ width: 107, height: 160 });
  expect(opened[0]!.closed()).toBe(true);
  await expect.poll(() => opened.length).toBe(2);
  opened[1]!.give();
  expect(await two).not.toBeNull();
  expect(await thumbnails.make(first, never)).toMatchObject({ width: 107, height: 160 });
  expect((await thumbnails.file(first))?.size).toBeGreaterThan(0);
  expect(opened.map(({ name }) => name)).toEqual([first.name, second.name]);
});

test('a job has the machine for itself: what is being decoded ends, and begins again after it', async () => {
  const { thumbnails, queue, opened } = setUp();
  const picture = tiff();
  const made = thumbnails.make(picture, never);
  await expect.poll(() => opened.length).toBe(1);
  queue.set(RUNNING);
  await expect.poll(() => opened[0]!.closed()).toBe(true);
  const late = thumbnails.make(tiff(), never);
  queue.set({ ...RUNNING, done: 1 });
  expect(await thumbnails.file(picture)).toBeNull();
  expect(opened).toHaveLength(1);
  queue.set(IDLE_QUEUE);
  await expect.poll(() => opened.length).toBe(2);
  opened[1]!.give();
  expect(await made).not.toBeNull();
  await expect.poll(() => opened.length).toBe(3);
  opened[2]!.give();
  expect(await late).not.toBeNull();
});

test('a picture that is looked at is not decoded again, not even a large one or beside a job', async () => {
  const { thumbnails, preview, queue, opened } = setUp();
  const picture = tiff({ info: { ...tiff().info!, width: 20_000, height: 30_000 } });
  const { session, give, closed } = heldSession();
  give();
  preview.set({ kind: 'opening', picture });
  const made = thumbnails.make(picture, never);
  const other = thumbnails.make(tiff(), never);
  preview.set(openOf(picture, session, 0.5));
  queue.set(RUNNING);
  preview.set(openOf(picture, session, 1));
  expect(await made).not.toBeNull();
  expect(closed()).toBe(false);
  expect(opened).toHaveLength(0);
  queue.set(IDLE_QUEUE);
  await expect.poll(() => opened.length).toBe(1);
  opened[0]!.give();
  expect(await other).not.toBeNull();
});

test('a preview that is closed meanwhile leaves the thumbnail to a decoder of its own', async () => {
  const { thumbnails, preview, opened } = setUp();
  const picture = tiff();
  const { session, give, asked } = heldSession();
  preview.set(openOf(picture, session, 1));
  const made = thumbnails.make(picture, never);
  await expect.poll(asked).toBe(true);
  preview.set({ kind: 'none' });
  give(new DOMException('closed', 'AbortError'));
  await expect.poll(() => opened.length).toBe(1);
  opened[0]!.give();
  expect(await made).not.toBeNull();
});

test('too large a picture, one out of sight and one that failed are left alone', async () => {
  const { thumbnails, opened } = setUp();
  const large = { ...INFO, format: 'tiff', model: 'cmyk', width: 7000, height: 7000 } as const;
  void thumbnails.make(tiff({ info: large }), never);
  const damaged = tiff();
  const failing = thumbnails.make(damaged, never);
  await expect.poll(() => opened.length).toBe(1);
  const gone = new AbortController();
  const unseen = thumbnails.make(tiff(), gone.signal);
  const last = tiff();
  const seen = thumbnails.make(last, never);
  gone.abort();
  expect(await unseen).toBeNull();
  opened[0]!.give(new Error('damaged'));
  expect(await failing).toBeNull();
  expect(await thumbnails.make(damaged, never)).toBeNull();
  await expect.poll(() => opened.length).toBe(2);
  opened[1]!.give();
  expect(await seen).not.toBeNull();
  expect(opened.map(({ name }) => name)).toEqual([damaged.name, last.name]);
});

test('what needs a part of the app that could not be loaded waits for a connection', async () => {
  const { thumbnails, opened } = setUp();
  const [first, second] = [tiff(), tiff()];
  const made = [thumbnails.make(first, never), thumbnails.make(second, never)];
  await expect.poll(() => opened.length).toBe(1);
  opened[0]!.give(new AppError('read-failed', 'It could not be loaded.', { values: { worker: 'The decoder' } }));
  await expect.poll(() => opened[0]!.closed()).toBe(true);
  expect(opened).toHaveLength(1);
  thumbnails.retry();
  for (const count of [2, 3]) {
    await expect.poll(() => opened.length).toBe(count);
    opened.at(-1)!.give();
  }
  expect(await Promise.all(made)).toEqual([expect.anything(), expect.anything()]);
});

test('a large copy of what the browser decodes is made by it, in formats in which it can be relied on', async () => {
  const { thumbnails, opened } = setUp();
  const canvas = new OffscreenCanvas(400, 600);
  canvas.getContext('2d')!.fillRect(0, 0, 400, 600);
  const file = new File([await canvas.convertToBlob()], 'plain.png');
  const size = { width: 400, height: 600 };
  const picture = pictureNamed('plain.png', { file, size, info: { ...INFO, ...size, format: 'png' } });
  expect(await thumbnails.large(picture, 300, never)).toMatchObject({ width: 200, height: 300 });
  expect(opened).toHaveLength(0);
  for (const change of [{ model: 'cmyk' }, { format: 'tiff' }] as const) {
    const made = thumbnails.large({ ...picture, info: { ...picture.info!, ...change } }, 300, never);
    await expect.poll(() => opened.length, { message: JSON.stringify(change) }).toBe(1);
    opened.pop()!.give();
    expect(await made).not.toBeNull();
  }
});

test('a large copy waits for the preview of the picture, and decodes nothing again, also beside a job', async () => {
  const { thumbnails, preview, queue, opened } = setUp();
  const picture = tiff({ info: { ...tiff().info!, width: 20_000, height: 30_000 } });
  const { session, give, asked, closed } = heldSession();
  give();
  queue.set(RUNNING);
  preview.set({ kind: 'opening', picture });
  const gone = new AbortController();
  const [made, unseen] = [thumbnails.large(picture, 1280, never), thumbnails.large(picture, 1280, gone.signal)];
  preview.set(openOf(picture, session, 0));
  gone.abort();
  expect(await unseen).toBeNull();
  preview.set(openOf(picture, session, 0.5));
  expect(asked()).toBe(false);
  preview.set(openOf(picture, session, 1));
  expect(await made).toMatchObject({ width: 853, height: 1280 });
  expect(closed()).toBe(false);
  expect(opened).toHaveLength(0);
});

test('a large copy of what is not looked at, or no longer, is decoded at once, and the list goes on after it', async () => {
  const { thumbnails, preview, opened } = setUp();
  const [picture, listed] = [tiff(), tiff()];
  const small = thumbnails.make(listed, never);
  await expect.poll(() => opened.length).toBe(1);
  const { session, give, asked } = heldSession();
  preview.set(openOf(picture, session, 1));
  const made = thumbnails.large(picture, 1280, never);
  await expect.poll(asked).toBe(true);
  preview.set({ kind: 'none' });
  give(new DOMException('closed', 'AbortError'));
  await expect.poll(() => opened.length).toBe(2);
  await expect.poll(() => opened[0]!.closed()).toBe(true);
  opened[1]!.give();
  expect(await made).toMatchObject({ width: 853, height: 1280 });
  expect(opened[1]!.closed()).toBe(true);
  await expect.poll(() => opened.length).toBe(3);
  opened[2]!.give();
  expect(await small).toMatchObject({ width: 107, height: 160 });
  expect(opened.map(({ name }) => name)).toEqual([listed.name, picture.name, listed.name]);
  // It is no thumbnail, and is not kept as one.
  expect(await thumbnails.file(picture)).toBeNull();
});

test('a large copy that nobody waits for any more ends its decoder, and one that fails is none', async () => {
  const { thumbnails, opened } = setUp();
  const gone = new AbortController();
  const unseen = thumbnails.large(tiff(), 1280, gone.signal);
  await expect.poll(() => opened.length).toBe(1);
  gone.abort();
  expect(await unseen).toBeNull();
  expect(opened[0]!.closed()).toBe(true);
  const damaged = thumbnails.large(tiff(), 1280, never);
  await expect.poll(() => opened.length).toBe(2);
  opened[1]!.give(new Error('damaged'));
  expect(await damaged).toBeNull();
  expect(opened[1]!.closed()).toBe(true);
});
