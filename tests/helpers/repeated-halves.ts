// The repeated halves of a whole session: all places where both halves have enough frames.
import type { Assembled } from '../../src/pipeline/phases/assembly.js';
import type { IntegrationPlan } from '../../src/pipeline/planning/integration-plan.js';
import { mosaicSource, uncertaintySource } from '../../src/pipeline/canvas/canvas.js';
import type { PlaneSource } from '../../src/output/sources/plane-source.js';
import { addHalves, halvesChi2, NO_HALVES, type Half } from '../../src/quality/repeated-halves.js';

export async function compareHalves(
  halves: readonly [Assembled, Assembled],
  { medianCombined, photons }: Pick<IntegrationPlan, 'medianCombined' | 'photons'>,
  plane: number,
  minCoverage: number,
) {
  const { nx } = halves[0].mosaic;
  const [a, b] = await Promise.all(
    halves.map(async ({ mosaic, weight, coverage }): Promise<Half> => {
      const counts = await all(coverage, 0);
      const source = mosaicSource(mosaic, weight);
      const values = await all(source, plane);
      const samples = medianCombined ? coverage : undefined;
      const stated = uncertaintySource(weight, samples, photons && { field: photons, values: source });
      return {
        values: values.map((v, i) => (counts[i] >= minCoverage ? v : NaN)),
        sigma: await all(stated, plane),
      };
    }),
  );
  return halvesChi2(addHalves(NO_HALVES, a, b, nx, -Infinity))!;
}

async function all(source: PlaneSource, plane: number): Promise<Float32Array> {
  const out = new Float32Array(source.nx * source.ny);
  await source.readRows(plane, 0, source.ny, out);
  return out;
}
