// Lines that several frames show at one place of the sky (spikes, filaments) or of the sensor: no trails.
import { DEG_TO_RAD } from '../../astrometry/wcs/angles.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { unitVector, type UnitVector } from '../../astrometry/wcs/sphere.js';
import { isOnStrip, pointAt, type TrailStrip } from '../../astrometry/trails/trail-strip.js';

/** A line and the frame that shows it, by its number. */
export interface ShownLine {
  readonly strip: TrailStrip;
  readonly f: number;
  readonly wcs: CelestialWcs;
  /** Of a pixel in the middle of the frame. */
  readonly scaleArcsec: number;
}

/** Places of one line in two frames differ by this much more than their widths, pixels. */
const SAME_PX = 3;
/** Two lines are one where this share of the shorter lies on the other. */
const SAME_SHARE = 0.5;
/** Places along a strip that are compared; odd, for the one in the middle to lie on any line that half of them lie on. */
const COMPARED = 9;
/** Of so many lines that frames show two lie at one place by chance: of a hundred 0.02 do, of a thousand 0.2. */
const LINES_PER_CHANCE = 250;

/** Which of the lines other frames show, too: where they show very many, as many as do not come together by chance. */
export function repeatedLines(lines: readonly ShownLine[]): boolean[] {
  const placed = lines.map(placeOf);
  const needed = 1 + Math.floor(lines.length / LINES_PER_CHANCE);
  return placed.map((a) => {
    let count = 0;
    for (const b of placed) {
      if (a.f === b.f || !(isOnSensor(a, b) || isOnSky(a, b))) continue;
      if (++count === needed) return true;
    }
    return false;
  });
}

/** Whether two frames show a line at one place of the sensor, wherever it begins and ends. */
function isOnSensor({ strip: a, ends: [[x0, y0], [x1, y1]] }: PlacedLine, { strip: b }: PlacedLine): boolean {
  const far = a.halfWidth + b.halfWidth + SAME_PX;
  return (
    Math.abs(x0 * b.nx + y0 * b.ny - b.offset) <= far && Math.abs(x1 * b.nx + y1 * b.ny - b.offset) <= far
  );
}

interface PlacedLine extends ShownLine {
  /** In its frame. */
  readonly ends: readonly [readonly [number, number], readonly [number, number]];
  /** Its middle, and the pole of the great circle through its ends. */
  readonly middle: UnitVector;
  readonly pole: UnitVector;
  /** The strip lies within this many radians of the great circle. */
  readonly reach: number;
}

function placeOf(line: ShownLine): PlacedLine {
  const places = Array.from({ length: COMPARED }, (_, k) => {
    const sky = skyOf(line, k);
    return sky ? unitVector(...sky) : NOWHERE;
  });
  const [first, middle, last] = [places[0], places[COMPARED >> 1], places[COMPARED - 1]];
  const cross: UnitVector = [
    first[1] * last[2] - first[2] * last[1],
    first[2] * last[0] - first[0] * last[2],
    first[0] * last[1] - first[1] * last[0],
  ];
  const length = Math.hypot(...cross);
  const pole: UnitVector = [cross[0] / length, cross[1] / length, cross[2] / length];
  const sag = Math.max(...places.map((place) => Math.abs(dot(place, pole))));
  const { strip } = line;
  const ends = [pointAt(strip, strip.from), pointAt(strip, strip.to)] as const;
  return { ...line, ends, middle, pole, reach: sag + widthOf(line) };
}

/** Of what no sky position is known: compares as lying on nothing. */
const NOWHERE: UnitVector = [NaN, NaN, NaN];

const dot = (a: UnitVector, b: UnitVector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const widthOf = ({ strip, scaleArcsec }: ShownLine) =>
  (strip.halfWidth + SAME_PX) * (scaleArcsec / 3600) * DEG_TO_RAD;

/** The `k`-th of the places along a line that are compared. */
function skyOf({ strip, wcs }: ShownLine, k: number): readonly [number, number] | null {
  const [x, y] = pointAt(strip, strip.from + ((k + 0.5) / COMPARED) * (strip.to - strip.from));
  return wcs.pixelToSky(x + 1, y + 1);
}

/** Whether two frames show a line at one place of the sky. */
function isOnSky(a: PlacedLine, b: PlacedLine): boolean {
  const [shorter, longer] = a.strip.to - a.strip.from < b.strip.to - b.strip.from ? [a, b] : [b, a];
  if (Math.abs(dot(shorter.middle, longer.pole)) > 2 * (longer.reach + widthOf(shorter))) return false;
  const isOn = (k: number) => {
    const sky = skyOf(shorter, k);
    const at = sky && longer.wcs.skyToPixel(...sky);
    return at ? isOnStrip(longer.strip, at[0] - 1, at[1] - 1, shorter.strip.halfWidth + SAME_PX) : false;
  };
  if (!isOn(COMPARED >> 1)) return false;
  let on = 0;
  for (let k = 0; k < COMPARED; k++) if (isOn(k)) on++;
  return on >= SAME_SHARE * COMPARED;
}
