/** Floors of the house (ARCHITECTURE.md): imports point downward only; folders on a floor do not import one another. */
const floors = [
  ['core'],
  ['codecs', 'wasm', 'gpu', 'models', 'cache', 'platform'],
  ['pipeline'],
  ['workers'],
  ['app'],
  ['ui'],
];

const forbidden = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'core-alone',
    comment: 'core has no DOM and no dependencies',
    severity: 'error',
    from: { path: '^src/core/', pathNot: '\\.test\\.ts$' },
    to: { pathNot: '^src/core/' },
  },
  {
    name: 'no-orphans-resolved',
    severity: 'error',
    from: { path: '^src/' },
    to: { couldNotResolve: true, pathNot: '\\?|generated|^onnxruntime-web/|^vitest/browser$' },
  },
];

floors.forEach((floor, level) => {
  const above = floors.slice(level + 1).flat();
  for (const folder of floor) {
    const siblings = floor.filter((other) => other !== folder);
    const barred = [...above, ...siblings];
    if (barred.length === 0) continue;
    forbidden.push({
      name: `floor-${level}-${folder}`,
      comment: `src/${folder} may import only what lies below it`,
      severity: 'error',
      from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^src/(${barred.join('|')})/`, pathNot: '^src/workers/protocol\\.ts$' },
    });
  }
});

forbidden.push(
  {
    name: 'service-worker-alone',
    comment: 'the service worker is a program of its own, above core only',
    severity: 'error',
    from: { path: '^src/sw/', pathNot: '\\.test\\.ts$' },
    to: { path: '^src/', pathNot: '^src/(sw|core)/' },
  },
  {
    name: 'nothing-from-the-service-worker',
    severity: 'error',
    from: { pathNot: '^src/sw/' },
    to: { path: '^src/sw/' },
  },
);

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules|generated' },
    exclude: { path: 'src/wasm/assembly' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs'] },
  },
};
