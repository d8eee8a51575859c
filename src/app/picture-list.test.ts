import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { PictureList, problemOf } from './picture-list.ts';
import { fileNamed, inspectFake } from './testing.ts';

const given = (...names: string[]) => names.map((name) => ({ file: fileNamed(name), handle: null }));

const states = (list: PictureList) => list.pictures.map(({ name, state }) => `${name}: ${state.kind}`);

test('pictures are listed at once and read one after another; a broken one fails alone', async () => {
  const list = new PictureList(inspectFake);
  const reading = list.add(given('a.jpg', 'bad.jpg', 'c.jpg'));
  expect(states(list)).toEqual(['a.jpg: reading', 'bad.jpg: reading', 'c.jpg: reading']);
  await reading;
  expect(states(list)).toEqual(['a.jpg: ready', 'bad.jpg: failed', 'c.jpg: ready']);
  expect(list.pictures[1]!.state).toEqual({
    kind: 'failed',
    problem: { message: '“bad.jpg” is damaged.', remedy: 'Open another file.' },
  });
});

test('the first of what came last is looked at', async () => {
  const list = new PictureList(inspectFake);
  expect(list.selected).toBeNull();
  await list.add(given('a.jpg', 'b.jpg'));
  expect(list.selected?.name).toBe('a.jpg');
  await list.add(given('c.jpg', 'd.jpg'));
  expect(list.selected?.name).toBe('c.jpg');
  await list.add([]);
  expect(list.selected?.name).toBe('c.jpg');
});

test('an unreadable picture is not looked at while there is another', async () => {
  const list = new PictureList(inspectFake);
  await list.add(given('bad1.jpg', 'bad2.jpg'));
  expect(list.selected?.name).toBe('bad2.jpg');
  await list.add(given('bad3.jpg', 'a.jpg', 'b.jpg'));
  expect(list.selected?.name).toBe('a.jpg');
  await list.add(given('bad4.jpg'));
  expect(list.selected?.name).toBe('a.jpg');
});

test('removing looks at the neighbour, and leaves what a job owns', async () => {
  const list = new PictureList(inspectFake);
  await list.add(given('a.jpg', 'b.jpg', 'c.jpg'));
  const [a, b, c] = list.pictures.map((picture) => picture.id) as [number, number, number];
  list.select(b);
  list.remove(b);
  expect(list.selected?.name).toBe('c.jpg');
  list.setState(a, { kind: 'running', progress: null, warnings: [] });
  for (const { id } of list.pictures) list.remove(id);
  expect(states(list)).toEqual(['a.jpg: running']);
  expect(list.selected?.name).toBe('a.jpg');
  list.select(c);
  expect(list.selected?.name).toBe('a.jpg');
});

test('a picture removed while it was read stays removed', async () => {
  const list = new PictureList(inspectFake);
  const reading = list.add(given('a.jpg', 'b.jpg'));
  for (const { id } of list.pictures) list.remove(id);
  await reading;
  expect(list.pictures).toEqual([]);
});

test('any thrown value becomes words', () => {
  expect(problemOf(new AppError('no-memory', 'Too large.', { remedy: 'Close tabs.' }))).toEqual({
    message: 'Too large.',
    remedy: 'Close tabs.',
  });
  expect(problemOf('odd').message).toBe('odd');
  expect(problemOf(new Error('')).message).not.toBe('');
});
