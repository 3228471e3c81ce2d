// Frames that see the same sky, for what they have in common whatever each is like.
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { unitVector, vectorSeparationDeg, type UnitVector } from '../../../astrometry/wcs/sphere.js';

/** Frames whose centres lie within this share of a frame's smaller side of the first one of their group. */
const REACH = 0.25;
/** More groups than this are joined to larger ones: what is solved for all groups at once costs their number cubed. */
const MAX_GROUPS = 64;

interface PointedFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
}

/** Number of the group of each frame, from 0 in the order of the frames; at most 64 groups. */
export function pointingGroups(frames: readonly PointedFrame[]): Int32Array {
  const centres = frames.map(({ wcs, nx, ny }): UnitVector => {
    const sky = wcs.pixelToSky((nx + 1) / 2, (ny + 1) / 2);
    // no frame is taken whose WCS puts its centre nowhere; one would belong to the first group
    return sky ? unitVector(sky[0], sky[1]) : [0, 0, 0];
  });
  const sidesDeg = frames.map(
    ({ wcs, nx, ny }) => (Math.min(nx, ny) * wcs.pixelScaleArcsec((nx + 1) / 2, (ny + 1) / 2)) / 3600,
  );
  const smallest = Math.min(...sidesDeg);
  for (let reach = REACH; reach * smallest < 360; reach *= 2) {
    const group = groupsWithin(
      centres,
      sidesDeg.map((side) => reach * side),
    );
    if (group) return group;
  }
  return new Int32Array(frames.length);
}

/** Each centre joins the first group whose first centre is within its reach; undefined when that makes too many groups. */
function groupsWithin(centres: readonly UnitVector[], reachDeg: readonly number[]): Int32Array | undefined {
  const group = new Int32Array(centres.length);
  const firsts: UnitVector[] = [];
  for (const [f, centre] of centres.entries()) {
    const known = firsts.findIndex((first) => vectorSeparationDeg(first, centre) <= reachDeg[f]);
    group[f] = known >= 0 ? known : firsts.push(centre) - 1;
    if (firsts.length > MAX_GROUPS) return undefined;
  }
  return group;
}
