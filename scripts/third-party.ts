/** Writes THIRD_PARTY.md: the packages that are part of the built app, with licence and home. Run after changing dependencies. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { CATALOGUE } from '../src/models/catalogue.ts';

interface PackageInfo {
  readonly version: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly dependencies?: Record<string, string>;
}

const read = (name: string): PackageInfo =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as PackageInfo;

/** Used by the command line alone. */
const NOT_IN_THE_APP = ['commander', 'playwright-core'];

/** A package that is part of the app or its command line. */
export interface Package extends PackageInfo {
  readonly name: string;
}

/** The packages that package.json names, and those that they need in turn, by name. */
export function packages(): readonly Package[] {
  const own = JSON.parse(readFileSync('package.json', 'utf8')) as PackageInfo;
  const found = new Map<string, PackageInfo>();
  const queue = Object.keys(own.dependencies ?? {});
  for (const name of queue) {
    if (found.has(name)) continue;
    const info = read(name);
    found.set(name, info);
    queue.push(...Object.keys(info.dependencies ?? {}));
  }
  return [...found].sort(([a], [b]) => a.localeCompare(b)).map(([name, info]) => ({ name, ...info }));
}

/** What THIRD_PARTY.md says. */
export function thirdPartyText(): string {
  const rows = packages().map(({ name, version, license = 'see the package', homepage = '' }) => {
    const use = NOT_IN_THE_APP.includes(name) ? 'command line' : 'app';
    return `| ${name} | ${version} | ${license} | ${use} | ${homepage} |`;
  });
  const models = CATALOGUE.map(
    ({ label, licence, source }) => `| ${label} | ${licence.spdx} | ${licence.holder} | ${source} | ${licence.home} |`,
  );
  return `# Third-party parts

Packages that the app, or its command line, is built from, with those that they need in turn. Made by \`npx tsx scripts/third-party.ts\`.

| package | version | licence | used by | home |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

wasm-vips is MIT itself; the libraries compiled into its \`.wasm\` files (libvips, glib, libheif and others) are under the LGPL and other licences,
which lie beside the app in \`licences/wasm-vips/\`. The \`.wasm\` files are separate and can be replaced.

## Networks

Weights of the bundled models, converted to ONNX; notices and licence texts are in
[src/models/data/LICENCES.md](src/models/data/LICENCES.md), and in the built app in \`licences/models/\`.

| model | licence | holder | from the npm package | home |
| --- | --- | --- | --- | --- |
${models.join('\n')}
`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync('THIRD_PARTY.md', thirdPartyText());
}
