// Whether the WCS that a tile carries puts it where its stars are: told by the catalogue, and by the stars of the tiles that it overlaps.
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import { shareStars } from '../planning/frames/shared-stars.js';

/** A header's WCS further from the stars than this is wrong; less may be a distortion that either of the two does not know. */
export const WCS_LIE_PX = 5;
/** Two tiles are judged by each other where both show this many stars in their overlap. */
const MIN_STARS = 8;
/** Of the stars of the poorer one the other shows at least this share, where both lie where they say; */
const AGREE_SHARE = 0.5;
/** and less than this, where one does not. */
const DISAGREE_SHARE = 0.2;

/** Median distance, in pixels of the tile, between where two WCS put the tile's middle and corners; Infinity where one has no sky. */
export function wcsDistancePx(a: CelestialWcs, b: CelestialWcs, nx: number, ny: number): number {
  const points = [
    [(nx + 1) / 2, (ny + 1) / 2],
    [1, 1],
    [nx, 1],
    [nx, ny],
    [1, ny],
  ];
  const distances = points.map(([x, y]) => {
    const sky = a.pixelToSky(x, y);
    const at = sky && b.skyToPixel(sky[0], sky[1]);
    return at ? Math.hypot(at[0] - x, at[1] - y) : Infinity;
  });
  return distances.sort((p, q) => p - q)[distances.length >> 1];
}

/** A tile with its stars. */
export interface StarredTile {
  readonly wcs: CelestialWcs;
  readonly stars: StarList;
  /** Whether a pixel (0-based) of the tile holds sky. */
  readonly covers: (x: number, y: number) => boolean;
}

export interface TileAgreement {
  /** Tiles that none of their neighbours agrees with, while these agree with others. */
  readonly wrong: readonly number[];
  /** Pairs that disagree, and nobody tells which of the two is wrong. */
  readonly undecided: readonly (readonly [number, number])[];
}

/** Judges tiles by the stars that they should have in common. Overlaps without enough stars say nothing. */
export function tileAgreement(grid: Pick<OutputGrid, 'wcs'>, tiles: readonly StarredTile[]): TileAgreement {
  const shared = shareStars(grid, tiles);
  const inOverlap = (a: number, b: number): Set<number> => {
    const numbers = new Set<number>();
    shared[a].star.forEach((star, i) => {
      const sky = grid.wcs.pixelToSky(shared[a].x[i] + 1, shared[a].y[i] + 1);
      const at = sky && tiles[b].wcs.skyToPixel(sky[0], sky[1]);
      if (at && tiles[b].covers(at[0] - 1, at[1] - 1)) numbers.add(star);
    });
    return numbers;
  };
  const agrees = tiles.map(() => 0);
  const disagreeing: [number, number][] = [];
  for (let b = 1; b < tiles.length; b++) {
    for (let a = 0; a < b; a++) {
      const [ofA, ofB] = [inOverlap(a, b), inOverlap(b, a)];
      const poorer = Math.min(ofA.size, ofB.size);
      if (poorer < MIN_STARS) continue;
      const common = [...ofA].filter((star) => ofB.has(star)).length;
      if (common >= AGREE_SHARE * poorer) [a, b].forEach((tile) => agrees[tile]++);
      else if (common < DISAGREE_SHARE * poorer) disagreeing.push([a, b]);
    }
  }
  const wrong = new Set(disagreeing.flat().filter((tile) => agrees[tile] === 0));
  // where both of a pair stand alone, neither is known to be right
  const undecided = disagreeing.filter(([a, b]) => wrong.has(a) && wrong.has(b));
  for (const tile of undecided.flat()) wrong.delete(tile);
  return { wrong: [...wrong].sort((p, q) => p - q), undecided };
}
