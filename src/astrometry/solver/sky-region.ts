// A part of the sky made ready for matching: a uniform choice of its bright stars, and their patterns, made once and used for many frames.
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { pickStars, type CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { UnitVector } from '../wcs/sphere.js';
import { PatternTable } from './patterns/pattern-table.js';
import { makePatterns, type PatternOptions, type PatternStars } from './patterns/patterns.js';
import { dot, planeBasis, type PlaneBasis } from './plane/plane-basis.js';
import { PointGrid } from './patterns/point-grid.js';

/** Fewer stars wanted a square degree than this: they are chosen from blocks larger than the catalogue's cells. */
const SPARSE_DENSITY = 2;
/** Stars of a block, where blocks are used. */
const BLOCK_STARS = 5;

export class SkyRegion {
  readonly centre: UnitVector;
  readonly radiusRad: number;
  /** Stars wanted a square degree. */
  readonly density: number;
  readonly stars: CatalogueStars;
  readonly basis: PlaneBasis;
  readonly patternStars: PatternStars;
  readonly #tables = new Map<string, PatternTable>();

  /** `radiusRad` must stay well below 90 degrees: stars are looked up on a tangent plane. */
  constructor(
    catalogue: StarCatalogue,
    centre: UnitVector,
    radiusRad: number,
    density: number,
    epoch: number,
  ) {
    this.centre = centre;
    this.radiusRad = radiusRad;
    this.density = density;
    this.basis = planeBasis(centre);
    const sparse = density < SPARSE_DENSITY;
    const perCell = sparse ? 2 * BLOCK_STARS : Math.ceil(density);
    const all = catalogue.cone(centre, radiusRad, { epoch, perCell });
    this.stars = sparse ? brightestOfBlocks(all, Math.sqrt(BLOCK_STARS / density)) : all;
    const a = new Float64Array(this.stars.count);
    const b = new Float64Array(this.stars.count);
    const { x, y, z } = this.stars;
    for (let i = 0; i < this.stars.count; i++) {
      const depth = dot(centre, x[i], y[i], z[i]);
      a[i] = dot(this.basis.east, x[i], y[i], z[i]) / depth;
      b[i] = dot(this.basis.north, x[i], y[i], z[i]) / depth;
    }
    this.patternStars = { x, y, z, grid: new PointGrid(a, b) };
  }

  /** Stars a steradian, on average. */
  get starsPerSteradian(): number {
    return this.stars.count / (2 * Math.PI * (1 - Math.cos(this.radiusRad)));
  }

  table(options: PatternOptions): PatternTable {
    const key = Object.values(options).join(' ');
    let table = this.#tables.get(key);
    if (!table) {
      table = new PatternTable(makePatterns(this.patternStars, options));
      this.#tables.set(key, table);
    }
    return table;
  }

  /** Number of the star nearest to a direction within `radius` (radians, small), or -1. */
  nearest(x: number, y: number, z: number, radius: number): number {
    const depth = dot(this.centre, x, y, z);
    if (!(depth > 0.1)) return -1;
    const a = dot(this.basis.east, x, y, z) / depth;
    const b = dot(this.basis.north, x, y, z) / depth;
    // the plane is stretched away from its centre, by at most 1/depth^2
    return this.patternStars.grid.nearest(a, b, radius / depth ** 2);
  }
}

/** The brightest few of each block of the sky of `side` degrees. */
function brightestOfBlocks(stars: CatalogueStars, side: number): CatalogueStars {
  const order = Array.from({ length: stars.count }, (_, i) => i).sort((i, j) => stars.vt[i] - stars.vt[j]);
  const taken = new Map<number, number>();
  const bands = Math.ceil(180 / side);
  const picks: number[] = [];
  for (const i of order) {
    const dec = Math.asin(Math.min(1, Math.max(-1, stars.z[i])));
    const band = Math.min(bands - 1, Math.floor((dec / Math.PI + 0.5) * bands));
    const cos = Math.cos(((band + 0.5) / bands - 0.5) * Math.PI);
    const columns = Math.max(1, Math.round((360 * cos) / side));
    const turn = Math.atan2(stars.y[i], stars.x[i]) / (2 * Math.PI) + 0.5;
    const block = band * 4096 + Math.min(columns - 1, Math.floor(turn * columns));
    const used = taken.get(block) ?? 0;
    if (used >= BLOCK_STARS) continue;
    taken.set(block, used + 1);
    picks.push(i);
  }
  return pickStars(stars, picks);
}

/** Radii that regions are made of, by factors; their centres lie on a lattice this share of the radius apart. */
const RADIUS_FACTOR = 1.05;
const LATTICE_STEP = 0.15;
/** No point is farther from the lattice than this, in steps: half the diagonal of a square, and a little for the sphere. */
const OFF_LATTICE = 0.72;
/** Regions that are kept. */
const KEPT = 8;

/**
 * Regions made lately; a frame near the last one finds its region ready. A region depends on what is asked for and not on what was asked before:
 * an answer is the same whoever searches in whichever order.
 */
export class RegionCache {
  readonly #catalogue: StarCatalogue;
  readonly #epoch: number;
  readonly #regions = new Map<string, SkyRegion>();

  constructor(catalogue: StarCatalogue, epoch: number) {
    this.#catalogue = catalogue;
    this.#epoch = epoch;
  }

  /** A region that covers the cone: exactly when it is not worth keeping, else one that many cones share. */
  get(centre: UnitVector, radiusRad: number, density: number, keep = true): SkyRegion {
    if (!keep) return new SkyRegion(this.#catalogue, centre, radiusRad, density, this.#epoch);
    const least = radiusRad / (1 - OFF_LATTICE * LATTICE_STEP);
    const radius = RADIUS_FACTOR ** Math.ceil(Math.log(least) / Math.log(RADIUS_FACTOR));
    const middle = onLattice(centre, LATTICE_STEP * radius);
    const key = `${middle.join(' ')} ${radius} ${density}`;
    const region =
      this.#regions.get(key) ?? new SkyRegion(this.#catalogue, middle, radius, density, this.#epoch);
    // to the end of the line: the first is the one that was asked for longest ago
    this.#regions.delete(key);
    this.#regions.set(key, region);
    if (this.#regions.size > KEPT) this.#regions.delete(this.#regions.keys().next().value!);
    return region;
  }
}

/** The nearest point of rows of equal declination `step` radians apart, whose points are as far apart at most. */
function onLattice([x, y, z]: UnitVector, step: number): UnitVector {
  const rows = Math.ceil(Math.PI / step);
  const row = Math.round(((Math.asin(Math.min(1, Math.max(-1, z))) + Math.PI / 2) / Math.PI) * rows);
  const dec = (row / rows - 0.5) * Math.PI;
  const columns = Math.max(1, Math.ceil((2 * Math.PI * Math.cos(dec)) / step));
  const ra = (Math.round((Math.atan2(y, x) / (2 * Math.PI)) * columns) / columns) * 2 * Math.PI;
  return [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
}
