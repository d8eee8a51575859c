/** Memory and processor time of a process and all its descendants, from Linux's /proc. */
import { readdir, readFile } from 'node:fs/promises';

/** What tells the kind of a browser's process; its first has none. */
const TYPE = '--type=';

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, with that of children that have ended, in clock ticks (USER_HZ, which is 100 on Linux). */
  readonly ticks: number;
}

/** The fields of /proc/PID/stat (proc(5)); the name in brackets may hold anything, so what follows its last bracket counts. */
function parseStat(pid: number, text: string): ProcessEntry {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const times = fields.slice(11, 15).map(Number);
  return { pid, parent: Number(fields[1]), ticks: times.reduce((sum, value) => sum + value, 0) };
}

/** A process may end between the listing and the reading: then it counts as nothing. */
const readOrEmpty = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '');

async function processTree(root: number): Promise<ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (pid) => [pid, await readOrEmpty(`/proc/${pid}/stat`)] as const));
  const entries = stats.filter(([, text]) => text !== '').map(([pid, text]) => parseStat(pid, text));
  const tree = entries.filter((entry) => entry.pid === root);
  for (const member of tree) tree.push(...entries.filter((entry) => entry.parent === member.pid));
  return tree;
}

/** The process whose command line has this argument and is no helper of another (`--type=`); null off Linux. */
export async function findProcess(argument: string): Promise<number | null> {
  const names = await readdir('/proc').catch(() => []);
  for (const name of names.filter((entry) => /^\d+$/.test(entry))) {
    const words = (await readOrEmpty(`/proc/${name}/cmdline`)).split('\0');
    if (words.includes(argument) && !words.some((word) => word.startsWith(TYPE))) return Number(name);
  }
  return null;
}

/** Proportional set size of a process and its descendants, in bytes: shared pages are divided among their users. */
export async function treeMemory(root: number): Promise<number> {
  return sumOf(await memoryByType(root));
}

/** The same by the kind of a browser's processes, '' for its first. */
async function memoryByType(root: number): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { pid } of await processTree(root)) {
    const [memory, command] = await Promise.all(
      ['smaps_rollup', 'cmdline'].map((file) => readOrEmpty(`/proc/${pid}/${file}`)),
    );
    // A process that a zygote has forked has one line for all of its arguments.
    const type = /[\0 ]--type=([\w-]+)/.exec(command)?.[1] ?? '';
    sums[type] = (sums[type] ?? 0) + Number(/^Pss:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0) * 1024;
  }
  return sums;
}

const sumOf = (sums: Readonly<Record<string, number>>): number =>
  Object.values(sums).reduce((sum, bytes) => sum + bytes, 0);

/** Processor seconds that a process and its descendants have used so far. */
export async function treeCpuSeconds(root: number): Promise<number> {
  const tree = await processTree(root);
  return tree.reduce((sum, { ticks }) => sum + ticks, 0) / 100;
}

async function settledMemory(root: number): Promise<Record<string, number>> {
  const looks = [await memoryByType(root)];
  const last = (): number[] => looks.slice(-3).map(sumOf);
  while (looks.length < 3 || (looks.length <= 10 && Math.max(...last()) - Math.min(...last()) > 2e6)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    looks.push(await memoryByType(root));
  }
  return looks.at(-1)!;
}

/** What a job cost, above what was there before it. */
export interface ResourceUse {
  /** Before the job. */
  readonly idleBytes: number;
  /** The most above that. */
  readonly peakBytes: number;
  /** By the type of process, at that moment. */
  readonly peakByType: Readonly<Record<string, number>>;
  readonly cpuSeconds: number;
}

/** Watches a process tree while a job runs; peaks between two looks are not seen. */
export class ResourceWatch {
  readonly #pid: number;
  readonly #idle: Readonly<Record<string, number>>;
  readonly #cpuBefore: number;
  #peak: Readonly<Record<string, number>>;
  #stopped = false;
  readonly #loop: Promise<void>;

  private constructor(pid: number, idle: Record<string, number>, cpuBefore: number, intervalMs: number) {
    this.#pid = pid;
    this.#idle = idle;
    this.#peak = idle;
    this.#cpuBefore = cpuBefore;
    this.#loop = this.#watch(intervalMs);
  }

  /** With `settle`, for a browser that has just been started, waits until its memory stays the same, a second at most. */
  static async start(pid: number, intervalMs = 200, settle = false): Promise<ResourceWatch> {
    const idle = settle ? await settledMemory(pid) : await memoryByType(pid);
    return new ResourceWatch(pid, idle, await treeCpuSeconds(pid), intervalMs);
  }

  async #watch(intervalMs: number): Promise<void> {
    while (!this.#stopped) {
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }

  async stop(): Promise<ResourceUse> {
    this.#stopped = true;
    await this.#loop;
    await this.#look();
    const cpu = await treeCpuSeconds(this.#pid);
    const [idle, peak] = [this.#idle, this.#peak];
    return {
      idleBytes: sumOf(idle),
      peakBytes: sumOf(peak) - sumOf(idle),
      peakByType: Object.fromEntries(Object.entries(peak).map(([type, bytes]) => [type, bytes - (idle[type] ?? 0)])),
      cpuSeconds: cpu - this.#cpuBefore,
    };
  }

  async #look(): Promise<void> {
    const now = await memoryByType(this.#pid);
    if (sumOf(now) > sumOf(this.#peak)) this.#peak = now;
  }
}
