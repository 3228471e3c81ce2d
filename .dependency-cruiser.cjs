/** The one-way flow of imports; the reasons stand in docs/architecture.md. */
const LEAF = '^src/(asked-threads|errors|kept-wasm|start-thread|v8-flags)\\.ts$';
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, LEAF, ...allowed] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('cleanup-knows-nothing-of-ours', '^src/cleanup/', []),
    only('compute-is-the-port', '^src/compute/', []),
    only('gpu-implements-compute', '^src/gpu/', ['^src/compute/']),
    only('cpu-fallback-implements-compute', '^src/cpu-fallback/', ['^src/compute/']),
    only('fits-stands-alone', '^src/fits/', ['^src/simd/']),
    // stars are sought over the background and the noise that photometry measures
    only('astrometry-reads-no-pipeline', '^src/astrometry/', [
      '^src/fits/',
      '^src/photometry/',
      '^src/simd/',
    ]),
    only('simd-stands-alone', '^src/simd/', []),
    only('photometry-is-numbers', '^src/photometry/', ['^src/simd/']),
    // how a folder is made
    only('config-stands-alone', '^src/config/', ['^src/cleanup/(ensure-dir|paths)\\.ts$']),
    only('report-stands-alone', '^src/report/', ['^src/config/']),
    only('frames-read-files-and-headers', '^src/frames/', [
      '^src/fits/',
      '^src/astrometry/',
      '^src/photometry/',
      '^src/simd/',
      // what is no sample for the kernels is none for who measures
      '^src/compute/constants\\.ts$',
      // trees of tiles are no frames
      '^src/output/hips/own-tree\\.ts$',
    ]),
    only('output-writes-products', '^src/output/', [
      '^src/fits/',
      '^src/astrometry/',
      '^src/photometry/',
      '^src/simd/',
    ]),
    only('quality-measures-products', '^src/quality/', [
      '^src/output/',
      '^src/astrometry/',
      '^src/photometry/',
      '^src/simd/',
    ]),
    only('aesthetic-alters-copies', '^src/aesthetic/', [
      '^src/(astrometry|fits|output|photometry|quality)/',
      '^src/report/aesthetic-report\\.ts$',
    ]),
    only('demo-makes-sessions', '^src/demo/', [
      '^src/fits/',
      '^src/astrometry/',
      '^src/cleanup/(ensure-dir|paths)\\.ts$',
    ]),
    only('gui-serves-the-window', '^src/gui/', [
      '^src/(astrometry|cleanup|config|fits|frames|output|photometry|report)/',
    ]),
    {
      name: 'pipeline-names-no-backend-and-no-cli',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: { path: '^src/(cli|gui|gpu|cpu-fallback)/' },
    },
    {
      name: 'only-the-composition-root-names-backends',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/compose\\.ts|gpu/|cpu-fallback/)' },
      to: { path: '^src/(gpu|cpu-fallback)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
};
