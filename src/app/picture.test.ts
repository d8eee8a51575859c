import { expect, test } from 'vitest';
import { meantByStart, type PictureState } from './picture.ts';
import { doneNamed, pictureNamed } from './testing.ts';

const FAILED: PictureState = { kind: 'failed', problem: { message: 'It is cut off.', remedy: '' } };
const done = pictureNamed('done.jpg', { id: 1, state: doneNamed('done-2x.jpg') });
const failed = pictureNamed('failed.jpg', { id: 2, state: FAILED });
const cancelled = pictureNamed('cancelled.jpg', { id: 3, state: { kind: 'cancelled' } });
const ready = pictureNamed('ready.jpg', { id: 4 });

test('Start is about all that wait, whatever is chosen', () => {
  expect(meantByStart([done, failed, cancelled, ready], [])).toEqual([failed, cancelled, ready]);
  expect(meantByStart([done, failed, ready], [ready])).toEqual([failed, ready]);
  expect(meantByStart([done, cancelled], [done])).toEqual([cancelled]);
});

test('Start is about a chosen picture that is done where beside it there are only failed ones', () => {
  expect(meantByStart([done, failed], [done])).toEqual([done]);
  expect(meantByStart([done, failed, ready], [done])).toEqual([ready]);
  expect(meantByStart([done, failed], [done, failed])).toEqual([failed]);
  expect(meantByStart([done, failed], [failed])).toEqual([failed]);
});
