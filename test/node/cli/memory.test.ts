import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { findProcess, ResourceWatch, treeMemory } from '../../../scripts/cli/memory.ts';

/** A child that starts a grandchild, which takes 200 MB for a while when it is told to. */
const GRANDCHILD = `process.stdin.once('data', () => { let b = Buffer.alloc(200e6, 1);
  setTimeout(() => { b = null; console.log('done'); setInterval(() => {}, 1000); }, 900); }); console.log('ready')`;
const CHILD = `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(GRANDCHILD)}, '--', '--type=large'],
  { stdio: 'inherit' }); process.on('SIGTERM', () => { c.kill(); process.exit(); }); setInterval(() => {}, 1000)`;

describe.runIf(process.platform === 'linux')('memory of a process tree', () => {
  it('sees the peak of a grandchild above what was there before', async () => {
    const mark = `--mark=${process.pid}-${Date.now()}`;
    const child = spawn(process.execPath, ['-e', CHILD, '--', mark], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      expect(await findProcess(mark)).toBe(child.pid);
      const watch = await ResourceWatch.start(child.pid!, 50);
      child.stdin.write('go\n');
      await once(child.stdout, 'data');
      const use = await watch.stop();
      // Pages shared with other processes count in part, so a small program can look very small.
      expect(use.idleBytes).toBeGreaterThan(2e6);
      expect(use.peakBytes).toBeGreaterThan(190e6);
      expect(use.peakBytes).toBeLessThan(260e6);
      expect(use.peakByType['large']).toBeGreaterThan(190e6);
      expect(Math.abs(use.peakByType['']!)).toBeLessThan(20e6);
      expect(use.cpuSeconds).toBeGreaterThan(0);
    } finally {
      child.kill();
    }
  });

  it('counts an unknown process as nothing', async () => {
    expect(await treeMemory(2 ** 22 + 1)).toBe(0);
    expect(await findProcess('--no-such-argument-anywhere')).toBeNull();
  });
});
