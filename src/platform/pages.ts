/** The pages of the app that live, told apart by names. A page holds a Web Lock under its name as long as it lives. */
export interface Pages {
  /** This page's name; null where the browser has no locks, so that nobody could tell whether it lives. */
  own(): Promise<string | null>;
  /** Takes the place of a page that is gone, for as long as this one lives. False when that page lives, or another one has its place. */
  succeed(page: string): Promise<boolean>;
  /** Waits a while for a page that may be going away; whether it is gone, and has had the time to come back when it was only reloaded. */
  whenGone(page: string): Promise<boolean>;
  /** The pages that live beside this one, and those that they have taken the place of. */
  others(): Promise<ReadonlySet<string>>;
  /** Runs `task` while no other page runs one. Rejects when another one does for long. */
  alone(task: () => Promise<void>): Promise<void>;
}

/** Of versions that let only one page keep a queue, whose name is empty. */
const LOCK = 'pro-upscaler.queue';
const PREFIX = `${LOCK}.`;
const ALONE = 'pro-upscaler.restoring';

/** The page before a reload may still be going away. */
const WAIT_MS = 5000;

/** As long as a page that another one sees going away may take to load anew, and to take its own place. */
const RELOAD_MS = 3000;

/** Where a tab keeps its page's name, for the page that it loads next. */
const TAB_KEY = 'pro-upscaler.page';

const lockOf = (page: string): string => (page === '' ? LOCK : PREFIX + page);

/** Takes a lock and never gives it back; false where another page has it. */
const take = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<never>(() => undefined);
      })
      .catch(() => resolve(false));
  });

let name: Promise<string | null> | null = null;
/** The page that this tab showed before. */
let before: string | null = null;
const mine = new Set<string>();

function rememberIn(tab: Storage, page: string): void {
  before = tab.getItem(TAB_KEY);
  tab.setItem(TAB_KEY, page);
}

async function takeName(): Promise<string | null> {
  // Only secure pages have locks.
  if (!('locks' in navigator)) return null;
  const page = crypto.randomUUID();
  if (!(await take(lockOf(page)))) return null;
  mine.add(page);
  try {
    rememberIn(sessionStorage, page);
  } catch {
    // Forbidden: it waits for the page before as for any other.
  }
  return page;
}

export const browserPages: Pages = {
  own: () => (name ??= takeName()),

  async succeed(page) {
    if (mine.has(page)) return true;
    if (!(await take(lockOf(page)))) return false;
    mine.add(page);
    return true;
  },

  async whenGone(page) {
    const signal = AbortSignal.timeout(WAIT_MS);
    const gone = await navigator.locks.request(lockOf(page), { signal }, () => true).catch(() => false);
    // A tab that is reloaded waits for nobody, and comes first.
    if (gone && page !== before) await new Promise((later) => setTimeout(later, RELOAD_MS));
    return gone;
  },

  async others() {
    const { held = [] } = await navigator.locks.query();
    const names = held.flatMap((lock) => {
      if (lock.name === LOCK) return [''];
      return lock.name?.startsWith(PREFIX) === true ? [lock.name.slice(PREFIX.length)] : [];
    });
    return new Set(names.filter((page) => !mine.has(page)));
  },

  async alone(task) {
    await navigator.locks.request(ALONE, { signal: AbortSignal.timeout(WAIT_MS) }, task);
  },
};
