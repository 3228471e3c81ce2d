// The sky at the nodes, by the levels of the frames without their surfaces: `src/pipeline/planning/sky/sky-nodes.ts` asks.
import { Lists } from './level-observations';
import { surface } from '../surface';
import { addF64, f32At, f64At, i32At, putF32, putF64, putI32, u32At } from '../../words';

const TERMS: u32 = 6;

/** Takes the frames' surfaces, f64 [frames, 6], from their levels. */
export function takeSurfaces(lists: usize, coefficients: usize): void {
  const q = changetype<Lists>(lists);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = coefficients + (<usize>(f * TERMS) << 3);
    const end = u32At(q.start, f + 1);
    for (let i = u32At(q.start, f); i < end; i++)
      putF32(q.level, i, f32At(q.level, i) - surface(c, TERMS, f32At(q.x, i), f32At(q.y, i)));
  }
}

/**
 * Mean level of each of `nodes` nodes over the frames that see it, their surfaces taken, to `mean`, f64, NaN where none does; and the component of the last of these to
 * `part`, i32, -1 where none does. `component`: u32 [frames]; `weights`: f64 [nodes].
 */
export function nodeLevels(
  lists: usize,
  coefficients: usize,
  component: usize,
  nodes: u32,
  mean: usize,
  weights: usize,
  part: usize,
): void {
  const q = changetype<Lists>(lists);
  memory.fill(mean, 0, <usize>nodes << 3);
  memory.fill(weights, 0, <usize>nodes << 3);
  memory.fill(part, 0xff, <usize>nodes << 2);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = coefficients + (<usize>(f * TERMS) << 3);
    const own = i32At(component, f);
    const end = u32At(q.start, f + 1);
    for (let i = u32At(q.start, f); i < end; i++) {
      const value = f32At(q.level, i) - surface(c, TERMS, f32At(q.x, i), f32At(q.y, i));
      const sigma = f32At(q.sigma, i);
      const weight = 1 / (sigma * sigma);
      if (value - value != 0 || weight - weight != 0) continue;
      const n = u32At(q.node, i);
      addF64(mean, n, weight * value);
      addF64(weights, n, weight);
      putI32(part, n, own);
    }
  }
  for (let n: u32 = 0; n < nodes; n++) putF64(mean, n, f64At(mean, n) / f64At(weights, n));
}

/**
 * The nodes of part `own` of which every channel of `means`, f64 [channels, nodes], knows the level: numbers to `node`, u32, places in blocks of a grid `blocksX` wide to `x` and
 * `y`, f64, levels to `values`, f64 [channels, nodes]. Returns how many.
 */
export function partNodes(
  part: usize,
  own: i32,
  means: usize,
  channels: u32,
  nodes: u32,
  blocksX: u32,
  node: usize,
  x: usize,
  y: usize,
  values: usize,
): u32 {
  let count: u32 = 0;
  for (let n: u32 = 0; n < nodes; n++) {
    if (i32At(part, n) != own) continue;
    let known = true;
    for (let c: u32 = 0; c < channels; c++) {
      const value = f64At(means, c * nodes + n);
      known = known && value - value == 0;
    }
    if (!known) continue;
    for (let c: u32 = 0; c < channels; c++) putF64(values, c * nodes + count, f64At(means, c * nodes + n));
    putI32(node, count, n);
    putF64(x, count, n % blocksX);
    putF64(y, count, n / blocksX);
    count++;
  }
  return count;
}
