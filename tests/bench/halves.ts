// Whether uncertainties are true: `npx tsx tests/bench/halves.ts FOLDER [least coverage]` integrates even and odd frames apart under every rejection and combination.
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { prepareSession } from '../helpers/integrate-session.js';
import { compareHalves } from '../helpers/repeated-halves.js';

const backend = await createWasmBackend();
const session = await prepareSession(process.argv[2], backend);
const minCoverage = Number(process.argv[3] ?? 3);

/** Settings that differ from the defaults, as the columns of a line. */
const settings = [
  ...['bilinear', 'edge_aware'].map((demosaic_method) => ({ demosaic_method })),
  ...['lanczos3', 'bilinear'].map((cfa_warp_kernel) => ({ cfa_warp_kernel })),
  { apply_radial_weight: true },
  ...[
    ...['none', 'kappa_sigma', 'winsorized_sigma_clip', 'linear_fit_clip', 'mad_clip', 'esd'],
    ...['percentile_clip', 'min_max'],
  ].flatMap((stacking_rejection_algorithm) =>
    ['mean', 'median'].map((stacking_final_combine_method) => ({
      stacking_rejection_algorithm,
      stacking_final_combine_method,
    })),
  ),
  { stacking_rejection_algorithm: 'linear_fit_clip', stacking_kappa_low: '5', stacking_kappa_high: '5' },
] as const;

for (const argv of settings) {
  const planned = session.plan(argv);
  const even = await session.integrate(planned, (f) => f % 2 === 0);
  const odd = await session.integrate(planned, (f) => f % 2 === 1);
  const results = [];
  for (let plane = 0; plane < planned.mosaic.planes; plane++)
    results.push(await compareHalves([even, odd], planned.integration, plane, minCoverage));
  const text = (v: number) => v.toFixed(3).padStart(7);
  console.log(
    Object.values(argv).join(' ').padEnd(36),
    'chi2',
    ...results.map((r) => text(r.pixelChi2)),
    'aperture',
    ...results.map((r) => text(r.apertureChi2)),
  );
}
await backend.close();
