import { describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { problemOf } from './error-text.ts';
import type { PictureList } from './picture-list.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { fakeList, fileNamed, resultOf } from './testing.ts';

const given = (...names: string[]) => names.map((name) => ({ file: fileNamed(name), handle: null }));

const states = (list: PictureList) => list.pictures.map(({ name, state }) => `${name}: ${state.kind}`);

test('pictures are listed at once and read one after another; a broken one fails alone', async () => {
  const list = fakeList();
  const reading = list.add(given('a.jpg', 'bad.jpg', 'c.jpg'));
  expect(states(list)).toEqual(['a.jpg: reading', 'bad.jpg: reading', 'c.jpg: reading']);
  await reading;
  expect(states(list)).toEqual(['a.jpg: ready', 'bad.jpg: failed', 'c.jpg: ready']);
  expect(list.pictures[1]!.state).toEqual({
    kind: 'failed',
    problem: { message: '“bad.jpg” is damaged.', remedy: 'Open another file.' },
  });
});

test('a result that only the browser holds is not lost with its picture', async () => {
  const list = fakeList();
  await list.add(given('a.jpg', 'bad.jpg'));
  const request = {
    ...{ source: fileNamed('bad.jpg'), sourceName: 'bad.jpg', options: DEFAULT_OPTIONS, stage: null },
    output: { kind: 'memory', name: 'bad-2x.png' } as const,
  };
  const { receipt } = resultOf(request);
  const place = { kind: 'blob', blob: new Blob(), folders: [], name: 'bad-2x.png', stored: null } as const;
  const done = { kind: 'done', receipt, place } as const;
  for (const { id } of list.pictures) await list.read(id, done);
  const again = { message: '“bad.jpg” is damaged.', remedy: 'Open another file.' };
  expect(list.pictures.map(({ state }) => state)).toEqual([done, { ...done, again }]);
});

test('the first of what came last is looked at', async () => {
  const list = fakeList();
  expect(list.selected).toBeNull();
  await list.add(given('a.jpg', 'b.jpg'));
  expect(list.selected?.name).toBe('a.jpg');
  await list.add(given('c.jpg', 'd.jpg'));
  expect(list.selected?.name).toBe('c.jpg');
  await list.add([]);
  expect(list.selected?.name).toBe('c.jpg');
});

test('an unreadable picture is not looked at while there is another', async () => {
  const list = fakeList();
  await list.add(given('bad1.jpg', 'bad2.jpg'));
  expect(list.selected?.name).toBe('bad2.jpg');
  await list.add(given('bad3.jpg', 'a.jpg', 'b.jpg'));
  expect(list.selected?.name).toBe('a.jpg');
  await list.add(given('bad4.jpg'));
  expect(list.selected?.name).toBe('a.jpg');
});

test('removing looks at the neighbour, and leaves what a job owns', async () => {
  const list = fakeList();
  await list.add(given('a.jpg', 'b.jpg', 'c.jpg'));
  const [a, b, c] = list.pictures.map((picture) => picture.id) as [number, number, number];
  list.select(b);
  list.remove(b);
  expect(list.selected?.name).toBe('c.jpg');
  list.setState(a, { kind: 'running', settings: DEFAULT_SETTINGS, progress: null, warnings: [], keptBands: null });
  for (const { id } of list.pictures) list.remove(id);
  expect(states(list)).toEqual(['a.jpg: running']);
  expect(list.selected?.name).toBe('a.jpg');
  list.select(c);
  expect(list.selected?.name).toBe('a.jpg');
});

test('a picture removed while it was read stays removed', async () => {
  const list = fakeList();
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

describe('choosing', () => {
  const listed = async (...names: string[]) => {
    const list = fakeList();
    await list.add(given(...names));
    return list;
  };
  const chosen = (list: PictureList) => list.chosen.map(({ name }) => name[0]).join('');

  test('what was added together is chosen together', async () => {
    const list = await listed('a.jpg', 'bad.jpg', 'c.jpg');
    expect(chosen(list)).toBe('abc');
    await list.add(given('d.jpg'));
    expect(chosen(list)).toBe('d');
  });

  test('one, some, a range, all', async () => {
    const list = await listed('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg');
    const ids = list.pictures.map(({ id }) => id);
    list.select(ids[3]!);
    expect(chosen(list)).toBe('d');
    list.select(ids[1]!, 'range');
    expect([chosen(list), list.selected?.name]).toEqual(['bcd', 'd.jpg']);
    list.select(ids[4]!, 'toggle');
    expect([chosen(list), list.selected?.name]).toEqual(['bcde', 'e.jpg']);
    list.select(ids[4]!, 'toggle');
    expect([chosen(list), list.selected?.name]).toEqual(['bcd', 'b.jpg']);
    list.selectAll();
    expect(chosen(list)).toBe('abcde');
    list.select(ids[0]!);
    list.select(ids[0]!, 'toggle');
    expect(chosen(list)).toBe('a');
  });

  test('removing leaves the choice among those that are left', async () => {
    const list = await listed('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg');
    const ids = list.pictures.map(({ id }) => id);
    list.select(ids[1]!);
    list.select(ids[2]!, 'range');
    list.remove(ids[1]!);
    expect([chosen(list), list.selected?.name]).toEqual(['c', 'c.jpg']);
    list.remove(ids[2]!);
    expect([chosen(list), list.selected?.name]).toEqual(['d', 'd.jpg']);
    list.remove(ids[0]!, ids[3]!);
    expect([chosen(list), list.selected]).toEqual(['', null]);
  });

  test('moving up and down', async () => {
    const list = await listed('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg');
    const ids = list.pictures.map(({ id }) => id);
    const order = () => list.pictures.map(({ name }) => name[0]).join('');
    const some = new Set([ids[1]!, ids[3]!]);
    list.nudge(some, -1);
    expect(order()).toBe('bdac');
    list.nudge(some, -1);
    expect(order()).toBe('bdac');
    list.nudge(new Set([ids[1]!, ids[3]!]), 1);
    expect(order()).toBe('abdc');
    list.nudge(new Set([ids[2]!]), 1);
    expect(order()).toBe('abdc');
  });
});
