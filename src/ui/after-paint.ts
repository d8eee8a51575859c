/** A page that nobody sees is not painted: what waits for it goes on after so many milliseconds. */
const UNSEEN_MS = 100;

/** Resolves in a task of its own after the page was next painted: what has time until then does not hold up the answer to a key. */
export const afterPaint = (): Promise<void> =>
  new Promise((resolve) => {
    const unseen = setTimeout(resolve, UNSEEN_MS);
    requestAnimationFrame(() => {
      clearTimeout(unseen);
      setTimeout(resolve);
    });
  });
