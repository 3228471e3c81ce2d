// A group of frames as one: fields too small for the catalogue are solved together.
import { medianOf } from '../../photometry/mesh-repair.js';
import type { Solution, SolveHint, SolveImage } from '../solver/solve-types.js';
import type { FrameGroup } from './group-types.js';
import type { NeighbourPlace } from './place-by-neighbours.js';
import { placeThrough, plainOptics, type KnownDirection } from './place-through.js';
import { applied, type PlaneMap } from './plane-map.js';
import type { SessionFrame } from './session-frame.js';

/** Stars of two frames this close are one. */
const SAME_STAR_PX = 3;
/** Stars of the virtual frame, brightest first. */
const MAX_STARS = 1500;
/** Points of a member's pixels that carry the solution over: this many steps from the middle to an edge. */
const LATTICE = 4;

/** The virtual frame's stars and size, and the maps of its members' pixels (from their middles) to its own (from its middle). */
export interface VirtualFrame {
  readonly image: SolveImage;
  readonly hint: SolveHint;
  readonly maps: readonly PlaneMap[];
}

export function virtualFrame(frames: readonly SessionFrame[], { members, maps }: FrameGroup): VirtualFrame {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  members.forEach((member, m) => {
    const { width, height } = frames[member].image;
    for (const i of [-0.5, 0.5]) {
      for (const j of [-0.5, 0.5]) {
        const [x, y] = applied(maps[m], i * width, j * height);
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [low, high] = [Math.min(low, y), Math.max(high, y)];
      }
    }
  });
  const [width, height] = [Math.ceil(right - left), Math.ceil(high - low)];
  const [middleX, middleY] = [(left + right) / 2, (low + high) / 2];
  const stars = mergedStars(frames, members, maps).slice(0, MAX_STARS);
  return {
    image: {
      width,
      height,
      stars: {
        count: stars.length,
        x: Float64Array.from(stars, ({ x }) => x - middleX + (width + 1) / 2),
        y: Float64Array.from(stars, ({ y }) => y - middleY + (height + 1) / 2),
      },
    },
    hint: groupHint(members.map((m) => frames[m].hint)),
    maps: maps.map(([a, b, c, d, e, f]): PlaneMap => [a, b, c - middleX, d, e, f - middleY]),
  };
}

/** Stars of all members, each once where they see it on average, brightest first by their mean ranks in their frames. */
function mergedStars(
  frames: readonly SessionFrame[],
  members: readonly number[],
  maps: readonly PlaneMap[],
): { x: number; y: number }[] {
  const stars: { x: number; y: number; rank: number; seen: number }[] = [];
  const cells = new Map<string, number[]>();
  members.forEach((member, m) => {
    const { x, y } = frames[member].field().field;
    for (let s = 0; s < x.length; s++) add(...applied(maps[m], x[s], y[s]), s);
  });
  return stars.sort((a, b) => a.rank / a.seen - b.rank / b.seen);

  function add(x: number, y: number, rank: number): void {
    const [i, j] = [Math.floor(x / SAME_STAR_PX), Math.floor(y / SAME_STAR_PX)];
    for (let di = -1; di <= 1; di++) {
      for (let dj = -1; dj <= 1; dj++) {
        for (const k of cells.get(`${i + di} ${j + dj}`) ?? []) {
          const star = stars[k];
          if (Math.hypot(star.x - x, star.y - y) > SAME_STAR_PX) continue;
          star.seen++;
          star.x += (x - star.x) / star.seen;
          star.y += (y - star.y) / star.seen;
          star.rank += rank;
          return;
        }
      }
    }
    const number = stars.push({ x, y, rank, seen: 1 }) - 1;
    const cell = cells.get(`${i} ${j}`);
    if (cell) cell.push(number);
    else cells.set(`${i} ${j}`, [number]);
  }
}

/** The first pointing among the members, the median of the rest. */
function groupHint(hints: readonly SolveHint[]): SolveHint {
  const scales = hints.flatMap(({ scaleArcsec }) => scaleArcsec ?? []);
  const epochs = hints.flatMap(({ epoch }) => epoch ?? []);
  const pointing = hints.find((hint) => hint.pointing)?.pointing;
  return {
    ...(pointing && { pointing }),
    ...(scales.length > 0 && { scaleArcsec: medianOf(scales) }),
    ...(epochs.length > 0 && { epoch: medianOf(epochs) }),
  };
}

/** The members' places from the virtual frame's solution. */
export function memberPlaces(
  frames: readonly SessionFrame[],
  { members }: FrameGroup,
  { image, maps }: VirtualFrame,
  { wcs, scaleArcsec, parity, matched, rmsPx, logOdds }: Solution,
): (NeighbourPlace | undefined)[] {
  const v = new Float64Array(3);
  return members.map((member, m) => {
    const { width, height } = frames[member].image;
    const [a, b, , d, e] = maps[m];
    const det = a * e - b * d;
    const known: KnownDirection[] = [];
    for (let j = -LATTICE; j <= LATTICE; j++) {
      for (let i = -LATTICE; i <= LATTICE; i++) {
        const [x, y] = [(i / LATTICE / 2) * width, (j / LATTICE / 2) * height];
        const [u, w] = applied(maps[m], x, y);
        if (wcs.pixelToUnit(u + (image.width + 1) / 2, w + (image.height + 1) / 2, v))
          known.push({ x: x + (width + 1) / 2, y: y + (height + 1) / 2, sky: [v[0], v[1], v[2]] });
      }
    }
    const scale = scaleArcsec * Math.sqrt(Math.abs(det));
    const optics = plainOptics(width, height, scale, det > 0 ? parity : parity === 1 ? -1 : 1);
    const placed = placeThrough(known, optics, width, height);
    return placed && { wcs: placed.wcs, matched, rmsPx, logOdds };
  });
}
