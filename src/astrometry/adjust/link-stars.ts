// Which stars of all frames are one star of the sky: every star becomes a link between its frame and a node of the sky.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import { log10BinomialTail } from '../solver/binomial-tail.js';
import type { FrameModel } from './frame-model.js';
import { NodeGrid } from './node-grid.js';

/** Search for the common offset of a given frame: how far, on how many stars, and how improbable its votes must be (log10). */
const OFFSET_REACH_PX = 12;
const OFFSET_STARS = 100;
const OFFSET_LOG_CHANCE = -6;
const OFFSET_BINS = 2 * OFFSET_REACH_PX + 1;

/** A frame's stars at the places that are believed at the moment. */
export interface PlacedStars {
  readonly model: FrameModel;
  readonly count: number;
  /** Directions `[count]`, brightest star first. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** The place may be off by several pixels. */
  readonly uncertain: boolean;
}

/** `links` in the order of the frames; nodes that one frame alone shows and that the catalogue does not have are left out. */
export interface StarLinks {
  readonly frame: Int32Array;
  /** Number of the star in its frame. */
  readonly star: Int32Array;
  readonly node: Int32Array;
  /** Directions of the nodes. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Number in the catalogue list of each node, -1 for none. */
  readonly catalogue: Int32Array;
}

/** Radius in pixels of each frame. Two stars of one frame never share a node: the nearer one has it. `placed` is asked for one frame after the other, each of `counts[f]` stars. */
export function linkStars(
  models: readonly FrameModel[],
  counts: Int32Array,
  placed: (frame: number) => PlacedStars,
  catalogue: CatalogueStars | undefined,
  radiusPx: number,
): StarLinks {
  const scale = models.reduce((most, model) => Math.max(most, model.scale), 0);
  const grid = new NodeGrid((OFFSET_REACH_PX + 1) * scale);
  const fromCatalogue = catalogue?.count ?? 0;
  for (let s = 0; s < fromCatalogue; s++) grid.add(catalogue!.x[s], catalogue!.y[s], catalogue!.z[s]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const [frame, star, node] = [new Int32Array(total), new Int32Array(total), new Int32Array(total)];
  let links = 0;
  for (let f = 0; f < models.length; f++) {
    const stars = placed(f);
    const offset = stars.uncertain ? commonOffset(stars, grid) : undefined;
    const taken = new Map<number, number>();
    const distances = new Float64Array(stars.count);
    const first = links;
    const radius = radiusPx * stars.model.scale;
    for (let s = 0; s < stars.count; s++) {
      const moved = offset && shifted(stars, s, offset);
      const x = moved ? moved[0] : stars.x[s];
      const y = moved ? moved[1] : stars.y[s];
      const z = moved ? moved[2] : stars.z[s];
      let nearest = grid.nearest(x, y, z, radius);
      if (nearest >= 0) {
        const distance = Math.hypot(grid.x[nearest] - x, grid.y[nearest] - y, grid.z[nearest] - z);
        const rival = taken.get(nearest);
        if (rival !== undefined && distances[rival - first] <= distance) continue;
        if (rival !== undefined) node[rival] = -1;
        taken.set(nearest, links);
        distances[links - first] = distance;
      } else nearest = grid.add(x, y, z);
      frame[links] = f;
      star[links] = s;
      node[links++] = nearest;
    }
  }
  return compact({ frame, star, node }, links, grid, fromCatalogue);
}

/** Leaves out lost links and nodes that hold nothing together, and numbers the rest anew. */
function compact(
  { frame, star, node }: Pick<StarLinks, 'frame' | 'star' | 'node'>,
  links: number,
  grid: NodeGrid,
  fromCatalogue: number,
): StarLinks {
  const uses = new Int32Array(grid.count);
  for (let l = 0; l < links; l++) if (node[l] >= 0) uses[node[l]]++;
  const number = new Int32Array(grid.count).fill(-1);
  const kept: number[] = [];
  for (let n = 0; n < grid.count; n++)
    if (uses[n] >= (n < fromCatalogue ? 1 : 2)) number[n] = kept.push(n) - 1;
  let used = 0;
  for (let l = 0; l < links; l++) {
    if (node[l] < 0 || number[node[l]] < 0) continue;
    frame[used] = frame[l];
    star[used] = star[l];
    node[used++] = number[node[l]];
  }
  return {
    frame: frame.slice(0, used),
    star: star.slice(0, used),
    node: node.slice(0, used),
    x: Float64Array.from(kept, (n) => grid.x[n]),
    y: Float64Array.from(kept, (n) => grid.y[n]),
    z: Float64Array.from(kept, (n) => grid.z[n]),
    catalogue: Int32Array.from(kept, (n) => (n < fromCatalogue ? n : -1)),
  };
}

/**
 * The shift in pixels that brings most of a frame's bright stars onto known ones, where that is more than chance; the distances of all pairs vote in
 * bins of a pixel, three by three of which count together.
 */
function commonOffset({ model, count, x, y, z }: PlacedStars, grid: NodeGrid): readonly number[] | undefined {
  const votes = new Int32Array(OFFSET_BINS * OFFSET_BINS);
  const pairs: number[] = [];
  const [from, to] = [new Float64Array(2), new Float64Array(2)];
  const stars = Math.min(count, OFFSET_STARS);
  for (let s = 0; s < stars; s++) {
    if (!model.toPixel(x[s], y[s], z[s], from)) continue;
    grid.near(x[s], y[s], z[s], OFFSET_REACH_PX * model.scale, (node) => {
      if (!model.toPixel(grid.x[node], grid.y[node], grid.z[node], to)) return;
      const dx = to[0] - from[0];
      const dy = to[1] - from[1];
      pairs.push(dx, dy);
      const i = Math.round(dx) + OFFSET_REACH_PX;
      const j = Math.round(dy) + OFFSET_REACH_PX;
      if (i >= 0 && j >= 0 && i < OFFSET_BINS && j < OFFSET_BINS) votes[j * OFFSET_BINS + i]++;
    });
  }
  let [most, at] = [0, 0];
  for (let j = 1; j < OFFSET_BINS - 1; j++) {
    for (let i = 1; i < OFFSET_BINS - 1; i++) {
      let sum = 0;
      for (let k = -1; k <= 1; k++) for (let l = -1; l <= 1; l++) sum += votes[(j + k) * OFFSET_BINS + i + l];
      if (sum > most) [most, at] = [sum, j * OFFSET_BINS + i];
    }
  }
  // pairs by chance are spread evenly over the circle
  const chance = (9 * (pairs.length / 2 - most)) / (Math.PI * OFFSET_REACH_PX ** 2) / Math.max(1, stars);
  const tests = Math.log10(OFFSET_BINS * OFFSET_BINS);
  if (log10BinomialTail(stars, most, Math.min(0.5, chance + 1e-3)) + tests > OFFSET_LOG_CHANCE)
    return undefined;
  const [ci, cj] = [(at % OFFSET_BINS) - OFFSET_REACH_PX, Math.floor(at / OFFSET_BINS) - OFFSET_REACH_PX];
  const [inX, inY]: [number[], number[]] = [[], []];
  for (let p = 0; p < pairs.length; p += 2) {
    if (Math.abs(pairs[p] - ci) > 1.5 || Math.abs(pairs[p + 1] - cj) > 1.5) continue;
    inX.push(pairs[p]);
    inY.push(pairs[p + 1]);
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  return [middle(inX), middle(inY)];
}

/** Direction of a star moved by an offset in pixels. */
function shifted({ model, x, y, z }: PlacedStars, s: number, [dx, dy]: readonly number[]) {
  const at = new Float64Array(2);
  if (!model.toPixel(x[s], y[s], z[s], at)) return [x[s], y[s], z[s]] as const;
  return model.direction(at[0] + dx, at[1] + dy);
}
