// All levels of all frames in flat arrays, and which frames hang together through common sky nodes.

/**
 * What one frame saw of the common sky nodes, one entry per node under it (arrays of one length): number of the node (from 0, not
 * much more of them than nodes), level in ADU, standard deviation of that level (> 0), and the node's normalised frame coordinates.
 */
export interface FrameLevels {
  readonly node: Int32Array;
  readonly level: Float32Array;
  readonly sigma: Float32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Flat observations: those of frame f are `start[f] .. start[f + 1]`; nodes are renumbered densely. */
export interface Observations {
  readonly frames: number;
  readonly nodes: number;
  readonly start: Int32Array;
  readonly node: Int32Array;
  readonly level: Float64Array;
  readonly sigma: Float32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** How many frames see a node. */
  readonly seen: Int32Array;
}

/** Gathers the lists of all frames; entries whose level or sigma is not finite, or whose sigma is not positive, are left out. */
export function gatherObservations(lists: readonly FrameLevels[]): Observations {
  const total = lists.reduce((sum, list) => sum + list.node.length, 0);
  const start = new Int32Array(lists.length + 1);
  const node = new Int32Array(total);
  const level = new Float64Array(total);
  const [sigma, x, y] = [new Float32Array(total), new Float32Array(total), new Float32Array(total)];
  let highest = -1;
  for (const list of lists) for (const own of list.node) if (own > highest) highest = own;
  // numbers of a grid's blocks or of stars lie densely enough for a table
  const dense = new Int32Array(highest + 1).fill(-1);
  let nodes = 0;
  let n = 0;
  for (let f = 0; f < lists.length; f++) {
    const { node: own, level: levels, sigma: sigmas, x: across, y: down } = lists[f];
    for (let i = 0; i < own.length; i++) {
      const v = levels[i];
      const s = sigmas[i];
      if (v - v !== 0 || !(s > 0 && s < Infinity)) continue;
      if (dense[own[i]] < 0) dense[own[i]] = nodes++;
      node[n] = dense[own[i]];
      level[n] = v;
      sigma[n] = s;
      x[n] = across[i];
      y[n] = down[i];
      n++;
    }
    start[f + 1] = n;
  }
  const seen = new Int32Array(nodes);
  for (let i = 0; i < n; i++) seen[node[i]]++;
  return {
    frames: lists.length,
    nodes,
    start,
    node: node.subarray(0, n),
    level: level.subarray(0, n),
    sigma: sigma.subarray(0, n),
    x: x.subarray(0, n),
    y: y.subarray(0, n),
    seen,
  };
}

/** Number of the connected component of each frame (frames that share a node belong together), numbered in order of appearance. */
export function frameComponents(observations: Observations): { component: Int32Array; count: number } {
  const { frames, start, node } = observations;
  const parent = Int32Array.from({ length: frames }, (_, f) => f);
  const root = (f: number): number => {
    while (parent[f] !== f) f = parent[f] = parent[parent[f]];
    return f;
  };
  const firstFrame = new Int32Array(observations.nodes).fill(-1);
  for (let f = 0; f < frames; f++) {
    for (let o = start[f]; o < start[f + 1]; o++) {
      const first = firstFrame[node[o]];
      if (first < 0) firstFrame[node[o]] = f;
      // known already of nearly all
      else if (parent[first] !== parent[f]) {
        const [a, b] = [root(first), root(f)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
  }
  const number = new Map<number, number>();
  const component = new Int32Array(frames);
  for (let f = 0; f < frames; f++) {
    const r = root(f);
    if (!number.has(r)) number.set(r, number.size);
    component[f] = number.get(r)!;
  }
  return { component, count: number.size };
}
