/** What the content security policy and its companions forbid, tried in the built app. */
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { choose, chosenNames, openPictures, startButton, stubPickers, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';

test('runs no injected code, makes no markup of strings, and reaches nobody', async ({ page, misdeeds }) => {
  await page.goto('/');
  const outcome = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const refusal = (attempt: () => unknown): string => {
      try {
        attempt();
        return 'allowed';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const inline = document.createElement('script');
    // Trusted Types refuse the text; the policy refuses the element, if it had one.
    const scriptText = refusal(() => (inline.text = 'window.injected = true'));
    const frame = document.createElement('iframe');
    const markup = refusal(
      () => (document.createElement('div').innerHTML = '<img src=x onerror="window.injected = true">'),
    );
    const frameMarkup = refusal(() => (frame.srcdoc = '<script>parent.injected = true</script>'));
    const foreignWorker = refusal(() => new Worker('https://elsewhere.example/worker.js'));
    const blobWorker = refusal(() => new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))));
    const evaluated = refusal(() => setTimeout('window.injected = true'));
    const handler = document.createElement('button');
    const attribute = refusal(() => handler.setAttribute('onclick', 'window.injected = true'));
    document.body.append(inline, handler);
    handler.click();
    const foreignFetch = await fetch('https://elsewhere.example/count').then(
      () => 'allowed',
      (error: Error) => error.name,
    );
    const picture = new Image();
    await new Promise((resolve) => {
      picture.onerror = picture.onload = resolve;
      picture.src = 'https://elsewhere.example/pixel.png';
    });
    const style = document.createElement('style');
    style.textContent = 'body { outline: 3px solid red }';
    document.body.append(style);
    const outlined = getComputedStyle(document.body).outlineStyle;
    await new Promise((later) => setTimeout(later, 100));
    const injected = 'injected' in window;
    return {
      scriptText,
      markup,
      frameMarkup,
      foreignWorker,
      blobWorker,
      attribute,
      evaluated,
      foreignFetch,
      outlined,
      injected,
      violations,
    };
  });
  expect(outcome).toMatchObject({
    scriptText: 'TypeError',
    markup: 'TypeError',
    frameMarkup: 'TypeError',
    foreignWorker: 'TypeError',
    blobWorker: 'TypeError',
    foreignFetch: 'TypeError',
    outlined: 'none',
    injected: false,
  });
  for (const directive of ['require-trusted-types-for', 'connect-src', 'img-src', 'style-src-elem']) {
    expect(outcome.violations).toContain(directive);
  }
  // Each was told on the console, and none left the browser.
  const asked = misdeeds.list.filter((line) => line.startsWith('request:'));
  expect(asked.every((line) => line.includes('elsewhere.example'))).toBe(true);
  misdeeds.list.length = 0;
});

test('breaks no rule where libvips reads and writes', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, join(fixtures, 'jpeg/cmyk.jpg'), join(fixtures, 'jxl/alpha.jxl'));
  await choose(page, 'Format', /^AVIF$/);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toHaveCount(2, { timeout: 60_000 });
  expect(await chosenNames(page)).toEqual(['alpha-2x.avif', 'cmyk-2x.avif']);
});
