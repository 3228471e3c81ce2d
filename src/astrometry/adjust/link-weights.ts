// What links and places of the catalogue count for in the joint adjustment, by what its steps leave of them; the passes stand in `src/simd/assembly/plan/places/adjust-weights.ts`.
import { sharedPasses } from '../../simd/sample-passes.js';
import type { LinkRows, SystemNodes, SystemSolution } from './system-types.js';

/** New weights of the rows: what is far out, in units of the scatter of all, counts less or not at all. */
export function doubtLinks({ memory, count, at }: LinkRows, residual: Float32Array): void {
  memory.within(() => {
    const [left, spare] = [memory.put(residual), memory.take(24 * count)];
    memory.passes.doubtLinks(left, at.believed, count, at.weight, spare);
  });
}

/** The same of the catalogue's places, which their `pull` tells, to `weight`. */
export function doubtNodes({ pull, weight }: Omit<SystemNodes, 'axes'>, believed: Float64Array): void {
  const nodes = weight.length;
  const memory = sharedPasses();
  const [draw, from, out] = [memory.put(pull), memory.put(believed), memory.take(8 * nodes)];
  memory.passes.doubtNodes(draw, from, nodes, out);
  weight.set(new Float64Array(memory.buffer, out, nodes));
}

/** Squared residuals of each of `count` optics in units of their variance, its catalogue stars' included. `opticsOf`: those of each frame. */
export function opticsCosts(
  { memory, at }: LinkRows,
  nodes: Omit<SystemNodes, 'axes'>,
  { residual, nodes: steps }: SystemSolution,
  opticsOf: Int32Array,
  count: number,
): Float64Array {
  return memory.within(() => {
    const counted = new Uint8Array(nodes.weight.length);
    const [of, left] = [memory.put(opticsOf), memory.put(residual)];
    const ofNodes = [nodes.pull, steps, nodes.weight, counted].map((values) => memory.put(values));
    const costs = memory.put(new Float64Array(count));
    const [pull, step, nodeWeight, seen] = ofNodes;
    memory.passes.linkCosts(
      ...([at.start, of, opticsOf.length] as const),
      ...([at.node, at.weight, left] as const),
      ...([pull, step, nodeWeight, seen, costs] as const),
    );
    return new Float64Array(memory.buffer, costs, count).slice();
  });
}
