import { afterEach, expect, it } from 'vitest';
import { OUTPUT_FOLDER, partName } from '../pipeline/sinks/output-folder.ts';
import { privateOutputs } from './private-outputs.ts';

const outputs = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(OUTPUT_FOLDER, { create: true });

const files = async (): Promise<string[]> => {
  const names: string[] = [];
  for await (const name of (await outputs()).keys()) names.push(name);
  return names;
};

afterEach(async () => {
  const folder = await outputs();
  for (const name of await files()) await folder.removeEntry(name);
});

/** A worker that writes a file and does not close it. */
async function writer(name: string): Promise<Worker> {
  const script = `onmessage = async ({ data: [folder, name] }) => {
    const file = await folder.getFileHandle(name, { create: true });
    self.access = await file.createSyncAccessHandle();
    postMessage(access.write(new Uint8Array(9)));
  }`;
  const worker = new Worker(URL.createObjectURL(new Blob([script])));
  const written = new Promise((resolve) => (worker.onmessage = resolve));
  worker.postMessage([await outputs(), name]);
  await written;
  return worker;
}

it('takes away what a worker was writing that goes away only now', async () => {
  const worker = await writer(partName('result.png'));
  const removed = privateOutputs.removePart('result.png');
  setTimeout(() => worker.terminate(), 200);
  await removed;
  expect(await files()).toEqual([]);
});

it('leaves what is still being written after a while', async () => {
  const worker = await writer(partName('result.png'));
  await privateOutputs.removePart('result.png');
  expect(await files()).toEqual([partName('result.png')]);
  worker.terminate();
  await privateOutputs.removePart('result.png');
  expect(await files()).toEqual([]);
});

it('does not mind that there is nothing', async () => {
  await expect(privateOutputs.removePart('result.png')).resolves.toBeUndefined();
});
