// Lines of right ascension and declination across an image, as contours: poles and the seam of right ascension are no special cases.
import { wrap180 } from '../../astrometry/wcs/angles.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';

/** A short piece of a line, FITS pixel coordinates. */
export interface GridPiece {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Line that it belongs to: `20h14m`, `+36°30'`. */
  readonly label: string;
}

/** Lines that the shorter side should show about. */
const LINES = 4;
const DEC_STEPS_ARCSEC = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000];
const RA_STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];
/** Mesh that the lines are found on: this many squares along the longer side. */
const SQUARES = 96;

/** Pieces of all lines; empty where the image shows no sky. */
export function skyGrid(wcs: CelestialWcs, width: number, height: number): GridPiece[] {
  const middle = wcs.pixelToSky((width + 1) / 2, (height + 1) / 2);
  if (!middle) return [];
  const spanDeg = (Math.min(width, height) * wcs.pixelScaleArcsec((width + 1) / 2, (height + 1) / 2)) / 3600;
  const cosDec = Math.max(0.02, Math.cos((middle[1] * Math.PI) / 180));
  const decStep = step(DEC_STEPS_ARCSEC, (spanDeg * 3600) / LINES) / 3600;
  const raStep = step(RA_STEPS_S, (spanDeg * 240) / LINES / cosDec) / 240;
  const side = Math.max(width, height) / SQUARES;
  const [nx, ny] = [Math.ceil(width / side), Math.ceil(height / side)];
  const x = (i: number) => 0.5 + Math.min(width, i * side);
  const y = (j: number) => 0.5 + Math.min(height, j * side);
  const sky = Array.from({ length: (nx + 1) * (ny + 1) }, (_, k) =>
    wcs.pixelToSky(x(k % (nx + 1)), y(Math.floor(k / (nx + 1)))),
  );
  const pieces: GridPiece[] = [];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const corners = [
        [i, j],
        [i + 1, j],
        [i + 1, j + 1],
        [i, j + 1],
      ].map(([a, b]) => ({ x: x(a), y: y(b), sky: sky[b * (nx + 1) + a] }));
      if (corners.some((corner) => corner.sky === null)) continue;
      const [ra0] = corners[0].sky!;
      const ra = corners.map((corner) => ra0 + wrap180(corner.sky![0] - ra0));
      const dec = corners.map((corner) => corner.sky![1]);
      contours(corners, ra, raStep, raLabel, pieces);
      contours(corners, dec, decStep, decLabel, pieces);
    }
  }
  return pieces;
}

function step(steps: readonly number[], wanted: number): number {
  return steps.find((s) => s >= wanted) ?? steps[steps.length - 1];
}

/** Where the values at the corners of a square, linear along its edges, pass multiples of `stepDeg`. */
function contours(
  corners: readonly { readonly x: number; readonly y: number }[],
  values: readonly number[],
  stepDeg: number,
  label: (valueDeg: number) => string,
  out: GridPiece[],
): void {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // a square about a pole holds all lines, none of them straight
  if (high - low > 60) return;
  for (let line = Math.ceil(low / stepDeg); line * stepDeg <= high; line++) {
    const at = line * stepDeg;
    const ends: [number, number][] = [];
    corners.forEach((a, c) => {
      const b = corners[(c + 1) % 4];
      const [va, vb] = [values[c], values[(c + 1) % 4]];
      if (va < at === vb < at) return;
      const t = (at - va) / (vb - va);
      ends.push([a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)]);
    });
    if (ends.length === 2) out.push({ from: ends[0], to: ends[1], label: label(at) });
  }
}

/** `20h14m30s`, the seconds only where they are not 0. */
function raLabel(raDeg: number): string {
  const tenths = Math.round((((raDeg % 360) + 360) % 360) * 2400) % 864000;
  const [h, m, s] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  const seconds = s === 0 ? '' : `${Number.isInteger(s) ? two(s) : s.toFixed(1)}s`;
  return `${two(h)}h${two(m)}m${seconds}`;
}

/** `+36°30'10"`. */
function decLabel(decDeg: number): string {
  const total = Math.round(Math.abs(decDeg) * 3600);
  const [d, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return `${decDeg < 0 && total > 0 ? '-' : '+'}${two(d)}°${two(m)}'${s === 0 ? '' : `${two(s)}"`}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
