/**
 * `npx tsx bench/micro-graph.ts`: networks on our SIMD kernels and in ONNX Runtime's WebAssembly, both on one thread, in turn; processor seconds for a megapixel
 * of output. `--only cunet,file.onnx`, `--side PIXELS` of a tile without its margin, `--runs N`. Relaxed SIMD takes
 * `node --experimental-wasm-relaxed-simd --import tsx bench/micro-graph.ts` until Node has it on its own.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { graphRadius, graphWork } from '../src/core/graph-network.ts';
import { randomPlanes } from '../src/core/network.testing.ts';
import { simdGraphOf } from '../src/models/gpu-network-of.ts';
import { readOnnx } from '../src/models/onnx.ts';
import { graphBytes, SimdGraph } from '../src/wasm/graph-network.ts';
import { Kernels } from '../src/wasm/kernels.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'cunet,upconv7,animevideo' },
    side: { type: 'string', default: '128' },
    runs: { type: 'string', default: '7' },
  },
});

env.wasm.numThreads = 1;
const generated = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../src/wasm/generated/${name}.wasm`, import.meta.url)));

/** Of all threads: the second one compiles, while the first runs are under way. */
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const modules = ['kernels', 'graph-relaxed'].filter((name) => WebAssembly.validate(generated(name)));
console.log('| network | 10^9 multiplications a MP | MB | by | s / MP | x | largest difference, of 255 |');
console.log('| --- | ---: | ---: | --- | ---: | ---: | ---: |');
for (const name of flags.only.split(',')) {
  const file = name.endsWith('.onnx') ? name : new URL(`../src/models/data/${name}.onnx`, import.meta.url);
  const bytes = new Uint8Array(readFileSync(file));
  const network = simdGraphOf(readOnnx(bytes));
  if (network === null) throw new Error(`${name}: the kernels do not know this network`);
  const side = Number(flags.side) + 2 * Math.ceil(graphRadius(network));
  const picture = randomPlanes(side, side);
  const session = await InferenceSession.create(bytes);
  const input = session.inputNames[0]!;
  const output = session.outputNames[0]!;
  const theirs = (): Promise<InferenceSession.ReturnType> =>
    session.run({ [input]: new Tensor('float32', picture.data.slice(), [1, 3, side, side]) });
  const expected = (await theirs())[output]!;
  const [high, wide] = [expected.dims[2]!, expected.dims[3]!];
  const contestants: { by: string; run: () => unknown; times: number[]; most: number }[] = [
    { by: 'ONNX Runtime', run: theirs, times: [], most: 0 },
  ];
  let megapixels = 0;
  for (const module of modules) {
    const kernels = await Kernels.instantiate(await WebAssembly.compile(generated(module)));
    const graph = new SimdGraph(kernels, network, side, side);
    const { width, height, data } = graph.run(picture.data);
    megapixels = (width * height) / 1e6;
    const [left, top] = [(wide - width) / 2, (high - height) / 2];
    const most = data.reduce((largest, value, i) => {
      const [x, y, c] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
      const other = (expected.data as Float32Array)[(c * high + y + top) * wide + x + left]!;
      return Math.max(largest, Math.abs(value - Math.min(1, Math.max(0, other))));
    }, 0);
    contestants.push({ by: module, run: () => graph.run(picture.data), times: [], most: 255 * most });
  }
  for (let run = 0; run < Number(flags.runs) + 2; run++) {
    for (const { run: compute, times } of contestants) {
      const before = processorSeconds();
      await compute();
      if (run >= 2) times.push((processorSeconds() - before) / megapixels);
    }
  }
  const work = graphWork(network, side, side).reduce((sum, each) => sum + each, 0) / megapixels / 1e9;
  const least = Math.min(...contestants[0]!.times);
  for (const { by, times, most } of contestants) {
    const cells = [name, work.toFixed(0), (graphBytes(network, side, side) / 1e6).toFixed(0), by];
    const time = Math.min(...times);
    console.log(`| ${[...cells, time.toFixed(2), (least / time).toFixed(1), most.toFixed(4)].join(' | ')} |`);
  }
  await session.release();
}
