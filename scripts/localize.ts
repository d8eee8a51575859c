/**
 * `npm run localize`: gathers the texts of the page into translations/*.xlf, where translators fill in the targets, and makes the modules
 * of src/app/locales from them. `-- --check` changes nothing, and fails where a text is new or lacks a translation.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['translations', 'src/app/locales'];
const MOST_SHOWN = 20;

type Snapshot = ReadonlyMap<string, string>;

const snapshot = (): Snapshot =>
  new Map(
    FOLDERS.flatMap((folder) =>
      readdirSync(folder).map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')] as const),
    ),
  );

/** Runs a command of lit-localize; what it printed. */
function litLocalize(command: string): string {
  const { status, stdout, stderr } = spawnSync('npx', ['lit-localize', command], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(output);
  return output;
}

/** The texts of a language that have no translation. */
function untranslated(path: string, content: string): readonly string[] {
  const units = content.match(/<trans-unit[\s\S]*?<\/trans-unit>/g) ?? [];
  return units
    .filter((unit) => !/<target>[\s\S]*\S[\s\S]*<\/target>/.test(unit))
    .map((unit) => `${path}: ${/<source>([\s\S]*?)<\/source>/.exec(unit)?.[1]?.replace(/\s+/g, ' ') ?? unit}`);
}

const checking = process.argv.includes('--check');
const before = snapshot();
try {
  litLocalize('extract');
  litLocalize('build');
  const after = snapshot();
  const missing = [...after].flatMap(([path, content]) => (path.endsWith('.xlf') ? untranslated(path, content) : []));
  const changed = [...after].filter(([path, content]) => before.get(path) !== content).map(([path]) => path);
  for (const line of missing.slice(0, MOST_SHOWN)) console.error(`No translation in ${line}`);
  if (missing.length > MOST_SHOWN) console.error(`… and ${missing.length - MOST_SHOWN} more`);
  if (checking) {
    for (const path of changed) writeFileSync(path, before.get(path) ?? '');
    if (changed.length > 0) console.error(`Out of date: ${changed.join(', ')}. Run npm run localize.`);
    process.exitCode = missing.length + changed.length > 0 ? 1 : 0;
  } else {
    console.log(`${changed.length} files changed, ${missing.length} translations missing.`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
