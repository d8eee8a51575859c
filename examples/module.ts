/** The engine in a page of one's own: one import, typed options, events, errors, and a hook that changes pixels. */
import { AppError, DEFAULT_OPTIONS, isAbort, Upscaler, type JobEvent, type JobOptions } from '../src/index.ts';

/** A module of this origin whose default function gets the finished rows; it runs in the workers, so it goes by its address. */
const negativeHook = new URL('./negative-hook.js', import.meta.url).href;

const upscaler = new Upscaler();

function find<T extends Element>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return element;
}

const form = find<HTMLFormElement>('form');
const start = find<HTMLButtonElement>('button:not([name])');
const cancel = find<HTMLButtonElement>('button[name=cancel]');
const bar = find<HTMLProgressElement>('progress');
const status = find<HTMLElement>('[role=status]');
const alert = find<HTMLElement>('[role=alert]');
const link = find<HTMLAnchorElement>('a');

function show(event: JobEvent): void {
  switch (event.kind) {
    case 'opened':
      return;
    case 'started':
      status.textContent = `${event.output.width} x ${event.output.height} pixels on ${event.engine}`;
      return;
    case 'progress':
      bar.value = event.fraction;
      return;
    case 'warning':
      status.textContent = event.message;
      return;
    case 'committing':
      cancel.disabled = true;
      return;
    default:
      event satisfies never;
  }
}

async function enlarge(source: File, options: JobOptions): Promise<void> {
  const abort = new AbortController();
  cancel.onclick = () => abort.abort();
  cancel.disabled = false;
  start.disabled = true;
  link.hidden = true;
  alert.textContent = '';
  status.textContent = '';
  bar.value = 0;
  try {
    const name = `${source.name.replace(/\.[^.]*$/, '')}-large.png`;
    const { receipt, file } = await upscaler.run(
      { source, sourceName: source.name, options, output: { kind: 'memory', name } },
      { signal: abort.signal, onEvent: show },
    );
    if (file === null) throw new Error('A memory target hands the file back.');
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.hidden = false;
    const { width, height } = receipt.output;
    status.textContent = `Done: ${width} x ${height} pixels in ${Math.round(receipt.timings.total)} ms on ${receipt.engine}`;
  } catch (error) {
    if (isAbort(error)) status.textContent = 'Cancelled';
    else if (error instanceof AppError) alert.textContent = `${error.message} ${error.remedy}`;
    else throw error;
  } finally {
    cancel.disabled = true;
    start.disabled = false;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const factor = Number(fields.get('factor'));
  const options: JobOptions = {
    ...DEFAULT_OPTIONS,
    target: { kind: 'scale', x: factor, y: factor },
    hooks: { before: null, after: fields.has('negative') ? negativeHook : null },
  };
  void enlarge(fields.get('picture') as File, options);
});
