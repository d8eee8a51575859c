import { expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { Receipts } from './receipts.ts';
import { fakeList, fileNamed, resultOf } from './testing.ts';

const receipt = (name: string) =>
  resultOf({
    source: new Blob(),
    sourceName: name,
    options: { ...DEFAULT_OPTIONS, kernel: 'mitchell', target: { kind: 'long', pixels: 5000 } },
    output: { kind: 'memory', name: 'out.png' },
  }).receipt;

const json = (value: unknown, name = 'out.receipt.json') => ({
  file: fileNamed(name, typeof value === 'string' ? value : JSON.stringify(value)),
  handle: null,
});
const picture = (name: string) => ({ file: fileNamed(name), handle: null });

test('gives its settings to the picture in the list', async () => {
  const list = fakeList();
  await list.add([picture('a.jpg'), picture('b.jpg')]);
  const receipts = new Receipts(list);
  expect(await receipts.take([json(receipt('a.jpg'))])).toEqual([]);
  expect(list.pictures.map(({ settings }) => settings.kernel)).toEqual(['mitchell', 'lanczos3']);
  expect(list.pictures[0]!.settings.size).toMatchObject({ mode: 'long', long: 5000 });
  expect(list.selected?.name).toBe('a.jpg');
  expect(receipts.value).toEqual([]);
});

test('waits for the picture when it is not there', async () => {
  const list = fakeList();
  const receipts = new Receipts(list);
  const given = await receipts.take([json(receipt('a.jpg')), picture('other.jpg')]);
  await list.add(given);
  receipts.match();
  expect(receipts.value.map(({ input }) => input.name)).toEqual(['a.jpg']);
  await list.add([picture('a.jpg')]);
  receipts.match();
  expect(receipts.value).toEqual([]);
  expect(list.selected).toMatchObject({ name: 'a.jpg', settings: { kernel: 'mitchell' } });
});

test('another picture of the same name is not the one', async () => {
  const list = fakeList();
  await list.add([{ file: fileNamed('a.jpg', 'other content'), handle: null }]);
  const receipts = new Receipts(list);
  await receipts.take([json(receipt('a.jpg'))]);
  expect(receipts.value).toHaveLength(1);
});

test.each([['{'], ['{"input":{"name":"a"}}'], ['null']])('JSON that is no receipt is refused: %s', async (text) => {
  await expect(new Receipts(fakeList()).take([json(text)])).rejects.toMatchObject({
    code: 'bad-input',
    values: { name: 'out.receipt.json' },
  });
});
