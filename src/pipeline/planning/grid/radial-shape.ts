// How weights fall towards the edges of frames, by the configuration.
import type { RadialShape } from '../../../compute/contracts/coadd-radial.js';
import type { RunConfig } from '../../../config/table.js';

/** Undefined where they do not: a median has none, and tiles bring their own. */
export function radialShape(config: RunConfig): RadialShape | undefined {
  const applies = config.stacking_final_combine_method === 'mean' && !config.use_existing_master_tiles;
  if (!config.apply_radial_weight || !applies) return undefined;
  return {
    featherFraction: config.radial_feather_fraction,
    power: config.radial_shape_power,
    floor: config.min_radial_weight_floor,
  };
}
