// What the header of a product says of how it was made.
import type { BackendInfo } from '../compute/backend.js';
import { configDigest } from '../config/digest.js';
import type { RunConfig } from '../config/table.js';
import type { Provenance } from '../output/provenance-cards.js';
import type { PlacedFrame } from './planning/placed-frame.js';

export function provenanceOf(
  version: string,
  config: RunConfig,
  frames: readonly PlacedFrame[],
  total: number,
  backend: BackendInfo,
): Provenance {
  const records = frames.map(({ record }) => record);
  const exposures = records.flatMap(({ exposureS }) => exposureS ?? []);
  const dates = records.flatMap(({ dateObs }) => dateObs ?? []).sort();
  const objects = new Set(records.flatMap(({ object }) => object ?? []));
  return {
    software: `ZeMosaic ${version}`,
    configDigest: configDigest(config),
    backend: `${backend.name} (${backend.device})`,
    versions: { zemosaic: version, node: process.versions.node },
    framesUsed: frames.length,
    framesTotal: total,
    ...(exposures.length === frames.length && { exposureSeconds: exposures.reduce((a, b) => a + b, 0) }),
    ...(objects.size === 1 && { object: [...objects][0] }),
    ...(dates.length > 0 && { dateBegin: dates[0] }),
    stages: [
      { name: 'demosaic', backend: backend.name, detail: config.demosaic_method },
      { name: 'warp', backend: backend.name, detail: config.warp_kernel },
      {
        name: 'levels',
        backend: 'host',
        detail: `${config.stacking_normalize_method}, order ${config.level_match_order}`,
      },
      ...(config.two_pass_coverage_renorm
        ? [
            {
              name: 'two_pass',
              backend: 'host',
              detail: 'flux scaled by coverage (two_pass_coverage_renorm)',
            },
          ]
        : []),
      {
        name: 'stack',
        backend: backend.name,
        detail:
          `${config.stacking_rejection_algorithm} kappa ${config.stacking_kappa_low} ${config.stacking_kappa_high}, ` +
          `weights ${config.stacking_weighting_method}, combined by ${config.stacking_final_combine_method}`,
      },
    ],
  };
}
