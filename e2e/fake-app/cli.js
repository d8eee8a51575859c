/* global window, document, fetch, DOMException */
const tell = (message) => window.tellCommandLine(JSON.stringify(message));
const PIECE = 1 << 20;
let abort = null;

async function send(job) {
  for (let index = 0; index < 3; index += 1) {
    const body = new Uint8Array(PIECE).fill(index + 1);
    const response = await fetch(`${job.url}?position=${index * PIECE}`, { method: 'PUT', body });
    if (!response.ok) throw new Error(await response.text());
    const bytes = (index + 1) * PIECE;
    const figures = { elapsedMs: 5000 * (index + 1), remainingMs: 1000, megapixelsPerSecond: 50, engine: 'simd' };
    tell({ kind: 'progress', fraction: (index + 1) / 3, bytes, ...figures });
    if (job.options.kernel !== 'nearest') continue;
    await new Promise((_resolve, reject) => {
      abort = () => reject(new DOMException('Cancelled.', 'AbortError'));
    });
  }
  await fetch(job.url, { method: 'POST' });
}

const receipt = (job) => ({
  app: 'fake',
  version: '0',
  input: {
    name: job.name,
    bytes: document.querySelector('input').files[0].size,
    format: 'png',
    width: 30,
    height: 20,
  },
  output: { name: job.outputName, bytes: 3 * PIECE, format: 'png', depth: 8, width: 60, height: 40 },
  options: job.options,
  engine: 'simd',
  engineReason: 'There is no other.',
  bands: 3,
  timings: { probe: 1, decode: 2, compute: 3, write: 4, total: 10 },
  ledgerPeakBytes: 5,
  ai: null,
  metadataKept: ['ICC profile'],
  metadataDropped: [],
  warnings: ['The picture is not real.'],
});

window.commandLine = {
  async inspect(name) {
    const text = await document.querySelector('input').files[0].slice(0, 3).text();
    if (text !== 'bad') return { ok: true, value: { width: 30, height: 20, format: 'png', bytes: 3 } };
    const error = {
      name: 'AppError',
      code: 'bad-input',
      message: `${name} is bad.`,
      remedy: 'Mend it.',
      values: {},
    };
    return { ok: false, error };
  },
  async run(job) {
    try {
      await send(job);
      return { ok: true, value: receipt(job) };
    } catch (error) {
      await fetch(job.url, { method: 'DELETE' });
      const { name, message } = error;
      return { ok: false, error: { name, code: 'internal', message, remedy: '', values: {} } };
    }
  },
  cancel: () => abort?.(),
};
tell({ kind: 'ready' });
