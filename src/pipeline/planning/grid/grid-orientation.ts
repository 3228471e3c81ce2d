// How the grid of a mosaic is turned: north up, as its frames, so that it wastes least, or by an angle of the user's.
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { DEG_TO_RAD, RAD_TO_DEG } from '../../../astrometry/wcs/angles.js';
import { tangentPlane } from '../../../astrometry/wcs/tangent-plane.js';

/** A turn that saves less than this part of the area is not worth leaving north up. */
const WORTH_TURNING = 0.01;

/** Axes turned by `angle`, radians. */
export function turned(x: number, y: number, angle: number): [number, number] {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return [x * cos - y * sin, x * sin + y * cos];
}

/** Position angle of an image's y axis at its centre, degrees east of north; 0 where it has no sky. */
export function orientationDeg(wcs: CelestialWcs, nx: number, ny: number): number {
  const [x, y] = [(nx + 1) / 2, (ny + 1) / 2];
  const here = wcs.pixelToSky(x, y);
  const above = wcs.pixelToSky(x, y + 1);
  const step = here && above && tangentPlane(...here).project(...above);
  return step ? Math.atan2(step[0], step[1]) * RAD_TO_DEG : 0;
}

/** Median position angle of images' y axes modulo 90 degrees, radians in (-pi/4, pi/4]: quarter turns do not widen a canvas. */
export function medianOrientation(
  frames: readonly { readonly wcs: CelestialWcs; readonly nx: number; readonly ny: number }[],
): number {
  // Four times the angle makes angles that differ by a quarter turn equal; the circular mean has no seam.
  let [sx, sy] = [0, 0];
  for (const { wcs, nx, ny } of frames) {
    const angle = orientationDeg(wcs, nx, ny) * DEG_TO_RAD;
    sx += Math.cos(4 * angle);
    sy += Math.sin(4 * angle);
  }
  return Math.atan2(sy, sx) / 4;
}

/**
 * Position angle, radians in (-pi/4, pi/4], of the smallest rectangle around points of a plane (x to the east): one of its sides lies along
 * a side of their convex hull. 0, north up, where turning saves next to nothing.
 */
export function leastAreaOrientation(points: readonly (readonly [number, number])[]): number {
  const hull = convexHull(points);
  const areaAt = (angle: number): number => {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [px, py] of hull) {
      const [x, y] = turned(px, py, angle);
      [x0, x1] = [Math.min(x0, x), Math.max(x1, x)];
      [y0, y1] = [Math.min(y0, y), Math.max(y1, y)];
    }
    return (x1 - x0) * (y1 - y0);
  };
  let best = 0;
  let least = areaAt(0) * (1 - WORTH_TURNING);
  hull.forEach(([x, y], i) => {
    const [nextX, nextY] = hull[(i + 1) % hull.length];
    // the turn that lays this side along an axis, modulo a quarter turn
    const angle = quarter(-Math.atan2(nextY - y, nextX - x));
    const area = areaAt(angle);
    if (area < least) [least, best] = [area, angle];
  });
  return best;
}

function quarter(angle: number): number {
  const turn = Math.PI / 2;
  const rest = angle - turn * Math.round(angle / turn);
  return rest <= -turn / 2 ? rest + turn : rest;
}

/** Convex hull, counterclockwise (Andrew's monotone chain). */
function convexHull(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly (readonly [number, number])[]) => {
    const chain: (readonly [number, number])[] = [];
    for (const p of list) {
      while (chain.length >= 2 && cross(chain[chain.length - 2], chain[chain.length - 1], p) <= 0)
        chain.pop();
      chain.push(p);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function cross(o: readonly number[], a: readonly number[], b: readonly number[]): number {
  return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
}
