// Which frames share their optics: one camera as far as headers tell, one size, one scale as far as the stars tell.
import { medianOf } from '../../photometry/mesh-repair.js';
import type { AdjustFrame } from './adjust-types.js';
import type { FrameModel } from './frame-model.js';

/** Between the scales of two telescopes of one kind there is a gap of at least this; single frames scatter by less. */
const SCALE_GAP = 1e-3;

export interface OpticsGroups {
  readonly count: number;
  /** Group of each frame. */
  readonly of: Int32Array;
  /** Median scale of each group, radians a pixel. */
  readonly scale: Float64Array;
}

export function opticsGroups(frames: readonly AdjustFrame[], models: readonly FrameModel[]): OpticsGroups {
  const families = new Map<string, number[]>();
  frames.forEach(({ camera, width, height, origin, wcs }, f) => {
    const key = JSON.stringify([
      camera,
      width,
      height,
      models[f].parity,
      origin,
      wcs.hasDistortion && origin,
    ]);
    const family = families.get(key);
    if (family) family.push(f);
    else families.set(key, [f]);
  });
  const of = new Int32Array(frames.length);
  const scales: number[] = [];
  for (const members of families.values()) {
    members.sort((a, b) => models[a].scale - models[b].scale || a - b);
    let group: number[] = [];
    const close = () => {
      for (const f of group) of[f] = scales.length;
      scales.push(medianOf(group.map((f) => models[f].scale)));
    };
    for (const f of members) {
      const last = group.at(-1);
      if (last !== undefined && models[f].scale / models[last].scale > 1 + SCALE_GAP) {
        close();
        group = [];
      }
      group.push(f);
    }
    close();
  }
  return { count: scales.length, of, scale: Float64Array.from(scales) };
}
