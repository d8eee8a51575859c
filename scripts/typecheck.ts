/** Runs the TypeScript compiler over each part of the tree with the globals that part may use. Exits non-zero on the first error. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const configs = readdirSync('tsconfigs').filter((name) => name.endsWith('.json'));
const failed = configs.filter((name) => {
  const run = spawnSync('npx', ['tsc', '-p', `tsconfigs/${name}`], { stdio: 'inherit' });
  return run.status !== 0;
});
if (failed.length > 0) {
  console.error(`typecheck: errors under ${failed.join(', ')}`);
  process.exit(1);
}
