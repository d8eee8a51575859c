import { expect, test, vi } from 'vitest';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import type { PreviewSession } from '../workers/preview-client.ts';
import { PreviewController } from './preview.ts';
import { INFO, pictureNamed } from './testing.ts';

/** A session that is opened at once, and tells what a picture becomes when the test says so. */
function heldSession() {
  let tell!: (error?: Error) => void;
  const told = new Promise<unknown>((resolve, reject) => {
    tell = (error) => (error === undefined ? resolve({ kind: 'plan' }) : reject(error));
  });
  const describe = vi.fn(() => told);
  const close = vi.fn(() => Promise.resolve());
  return { session: { describe, close } as unknown as PreviewSession, describe, close, tell };
}

const picture = pictureNamed('a.png', { info: INFO });

test('a picture that nobody looks at any more keeps no session, whatever it was waiting for', async () => {
  const { session, describe, close, tell } = heldSession();
  const preview = new PreviewController(() => Promise.resolve(session));
  preview.look(picture, DEFAULT_OPTIONS);
  await vi.waitFor(() => expect(describe).toHaveBeenCalled());
  preview.look(null, DEFAULT_OPTIONS);
  tell();
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
  expect(preview.value).toEqual({ kind: 'none' });
});

test('a picture that cannot be planned keeps none either, and says why', async () => {
  const { session, close, tell } = heldSession();
  const preview = new PreviewController(() => Promise.resolve(session));
  preview.look(picture, DEFAULT_OPTIONS);
  tell(new Error('out of memory'));
  await vi.waitFor(() => expect(preview.value.kind).toBe('failed'));
  expect(close).toHaveBeenCalledOnce();
});

test('a session that is looked at is closed once, when it is not any more', async () => {
  const { session, close, tell } = heldSession();
  const preview = new PreviewController(() => Promise.resolve(session));
  preview.look(picture, DEFAULT_OPTIONS);
  tell();
  await vi.waitFor(() => expect(preview.value.kind).toBe('open'));
  expect(close).not.toHaveBeenCalled();
  preview.look(null, DEFAULT_OPTIONS);
  expect(close).toHaveBeenCalledOnce();
});

test('a session whose new settings cannot be planned is closed, and the picture says why', async () => {
  const { session, describe, close, tell } = heldSession();
  const preview = new PreviewController(() => Promise.resolve(session));
  preview.look(picture, DEFAULT_OPTIONS);
  tell();
  await vi.waitFor(() => expect(preview.value.kind).toBe('open'));
  describe.mockRejectedValueOnce(new Error('out of memory'));
  preview.look(picture, { ...DEFAULT_OPTIONS, kernel: 'area' });
  await vi.waitFor(() => expect(preview.value.kind).toBe('failed'));
  expect(close).toHaveBeenCalledOnce();
});
