import { beforeAll, expect, it } from 'vitest';
import { browserPages as pages } from './pages.ts';

const lockOf = (page: string): string => `pro-upscaler.queue.${page}`;

/** Holds the lock of a page until the returned function is called. */
const live = (page: string): Promise<() => void> =>
  new Promise((resolve) => {
    void navigator.locks.request(lockOf(page), () => new Promise<void>((end) => resolve(end)));
  });

/** The page that this tab showed before. */
const last = crypto.randomUUID();
beforeAll(async () => {
  sessionStorage.setItem('pro-upscaler.page', last);
  await pages.own();
});

/** Whether the place of a page that goes away is had, though another one is there to take it a moment later. */
async function raceFor(page: string): Promise<boolean> {
  const end = await live(page);
  const taken = pages.whenGone(page).then((gone) => gone && pages.succeed(page));
  end();
  await new Promise((later) => setTimeout(later, 300));
  await navigator.locks.request(lockOf(page), { ifAvailable: true }, () => taken);
  return taken;
}

it('leaves the place of a page that reloads to the page that comes after it', async () => {
  expect(await raceFor(crypto.randomUUID())).toBe(false);
});

it('takes the place of the page that the tab showed before at once', async () => {
  expect(await raceFor(last)).toBe(true);
});

it('takes the place of one that does not come back', async () => {
  const page = crypto.randomUUID();
  (await live(page))();
  expect(await pages.whenGone(page)).toBe(true);
  expect(await pages.succeed(page)).toBe(true);
});

it('tells the next page of the tab its name', async () => {
  expect(sessionStorage.getItem('pro-upscaler.page')).toBe(await pages.own());
});
