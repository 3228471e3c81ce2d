// Whether uncertainties are true: `npx tsx tests/bench/halves.ts FOLDER` integrates even and odd frames apart under every rejection and combination.
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { prepareSession } from '../helpers/integrate-session.js';
import { compareHalves } from '../helpers/repeated-halves.js';

const backend = await createWasmBackend();
const session = await prepareSession(process.argv[2], backend);
const minCoverage = Number(process.argv[3] ?? 3);
for (const demosaic of ['bilinear', 'edge_aware']) {
  for (const kernel of ['lanczos3', 'bilinear']) {
    if (demosaic !== 'bilinear' && kernel !== 'lanczos3') continue;
    for (const rejection of ['none', 'kappa_sigma', 'winsorized_sigma_clip']) {
      for (const combine of ['mean', 'median']) {
        const planned = session.plan({
          demosaic_method: demosaic,
          warp_kernel: kernel,
          stacking_rejection_algorithm: rejection,
          stacking_final_combine_method: combine,
        });
        const even = await session.integrate(planned, (f) => f % 2 === 0);
        const odd = await session.integrate(planned, (f) => f % 2 === 1);
        const results = [];
        for (let plane = 0; plane < planned.mosaic.planes; plane++)
          results.push(await compareHalves([even, odd], planned.integration, plane, minCoverage));
        const text = (v: number) => v.toFixed(3).padStart(7);
        console.log(
          demosaic.padEnd(10),
          kernel.padEnd(8),
          rejection.padEnd(22),
          combine.padEnd(6),
          'chi2',
          ...results.map((r) => text(r.pixelChi2)),
          'aperture',
          ...results.map((r) => text(r.apertureChi2)),
        );
      }
    }
  }
}
await backend.close();
