/** The files of test/fixtures in the browser, by their paths below it. */

const FOLDER = '../fixtures/';
const urls = import.meta.glob<string>('../fixtures/**/*.*', { query: '?url', import: 'default', eager: true });

export const FIXTURES = Object.keys(urls).map((path) => path.slice(FOLDER.length));

export async function fixture(name: string): Promise<File> {
  const url = urls[FOLDER + name];
  if (url === undefined) throw new Error(`there is no fixture ${name}`);
  return new File([await (await fetch(url)).arrayBuffer()], name.split('/').at(-1)!);
}
