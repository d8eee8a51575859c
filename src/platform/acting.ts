/** What a person does that the page may have to answer. */
const ACTS = ['pointerdown', 'click', 'keydown', 'input', 'wheel', 'pointermove'] as const;

/** The second frame begins when the first, with the answer, is on its way to the screen. */
const FRAMES = 2;

/**
 * Tells with true when a person acts, and with false when the page has been painted after that, until the returned function is called.
 * While somebody acts without pause it is told once for every few frames. A page that nobody sees is not painted: nothing is told there.
 */
export function watchActing(tell: (acting: boolean) => void): () => void {
  const stopping = new AbortController();
  let waiting = false;
  let again = false;
  const wait = (frames: number): void => {
    if (frames > 0) return void requestAnimationFrame(() => wait(frames - 1));
    waiting = false;
    if (again) begin();
    else tell(false);
  };
  const begin = (): void => {
    waiting = true;
    again = false;
    tell(true);
    wait(FRAMES);
  };
  const onAct = (event: Event): void => {
    if (!event.isTrusted || document.visibilityState !== 'visible') return;
    if (event.type === 'pointermove' && (event as PointerEvent).buttons === 0) return;
    if (waiting) again = true;
    else begin();
  };
  const options = { capture: true, passive: true, signal: stopping.signal };
  for (const act of ACTS) addEventListener(act, onAct, options);
  return () => stopping.abort();
}
