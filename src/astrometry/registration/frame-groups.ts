// Groups of frames that show the same stars, registered to each other by all their overlaps together.
import type { FrameGroup, Overlap, Tree } from './group-types.js';
import { matchFields } from './match-fields.js';
import type { Parity } from './plane-map.js';
import { likeliest, type SessionFrame } from './session-frame.js';
import { settleGroup } from './settle-group.js';

/** Others that each frame is compared with. */
const MAX_NEIGHBOURS = 6;
/** Frames of one group: distortions add up from frame to frame. */
const MAX_FRAMES = 60;
/** An overlap whose stars end farther apart than this contradicts the others. */
const MAX_STRAIN_PX = 3;

/** Groups of at least two frames, largest first. `turn` is awaited between comparisons: others work meanwhile, and its error ends this. */
export async function frameGroups(
  frames: readonly SessionFrame[],
  turn: () => Promise<void>,
): Promise<FrameGroup[]> {
  let overlaps = await overlapsOf(frames, turn);
  for (;;) {
    const groups: FrameGroup[] = [];
    const bad = new Set<Overlap>();
    for (const tree of connected(frames.length, overlaps)) {
      const { maps, worst } = settleGroup(frames, tree, overlaps);
      if (worst && worst.rmsPx > MAX_STRAIN_PX) bad.add(worst.overlap);
      groups.push({ members: tree.members, maps });
    }
    // one at a time and group: a wrong overlap strains right ones
    if (bad.size === 0) return groups.sort((a, b) => b.members.length - a.members.length);
    overlaps = overlaps.filter((overlap) => !bad.has(overlap));
  }
}

async function overlapsOf(frames: readonly SessionFrame[], turn: () => Promise<void>): Promise<Overlap[]> {
  const numbers = new Map(frames.map((frame, f) => [frame, f]));
  const tried = new Set<number>();
  const overlaps: Overlap[] = [];
  for (const [from, frame] of frames.entries()) {
    for (const other of likeliest(frame, frames, MAX_NEIGHBOURS)) {
      const to = numbers.get(other)!;
      const pair = Math.min(from, to) * frames.length + Math.max(from, to);
      if (tried.has(pair)) continue;
      tried.add(pair);
      const match = matchFields(frame.field(), other.field());
      if (match) overlaps.push({ from, to, match });
    }
    await turn();
  }
  return overlaps;
}

/** From the frame with the most overlaps on, always over the overlap with the most stars. */
function connected(count: number, overlaps: readonly Overlap[]): Tree[] {
  const of = Array.from({ length: count }, (): Overlap[] => []);
  for (const overlap of overlaps) {
    of[overlap.from].push(overlap);
    of[overlap.to].push(overlap);
  }
  const open = new Set(of.keys());
  const trees: Tree[] = [];
  for (const seed of [...open].sort((a, b) => of[b].length - of[a].length || a - b)) {
    if (!open.delete(seed)) continue;
    const reached = new Map<number, Parity>([[seed, 1]]);
    const edges = [...of[seed]];
    while (reached.size < MAX_FRAMES && edges.length > 0) {
      edges.sort((a, b) => a.match.shared.length - b.match.shared.length);
      const { from, to, match } = edges.pop()!;
      const next = reached.has(from) ? to : from;
      if (!open.delete(next)) continue;
      const parity = reached.get(next === to ? from : to)!;
      reached.set(next, (parity * match.parity) as Parity);
      edges.push(...of[next]);
    }
    if (reached.size > 1) trees.push({ members: [...reached.keys()], parities: [...reached.values()] });
  }
  return trees;
}
