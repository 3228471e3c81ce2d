// What a mosaic loses where frames are left out: sky that no other frame shows.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import { touches, type BlockSpans } from './block-spans.js';
import type { OutputGrid } from './output-grid.js';

export interface OpenedHoles {
  /** Frames left out, some of whose sky no frame that stays shows. */
  readonly frames: number;
  /** Part of the sky that all frames together show. */
  readonly fraction: number;
}

/** By blocks of the grid; `spans` of all frames, `stays` for each of them. */
export function openedHoles(
  { nx, ny }: Pick<OutputGrid, 'nx' | 'ny'>,
  spans: readonly BlockSpans[],
  stays: readonly boolean[],
): OpenedHoles {
  const columns = Math.ceil(nx / BLOCK_SIZE);
  const blocks = columns * Math.ceil(ny / BLOCK_SIZE);
  const kept = spans.filter((_, f) => stays[f]);
  const gone = spans.filter((_, f) => !stays[f]);
  const missed = new Set<BlockSpans>();
  let [shown, lost] = [0, 0];
  for (let block = 0; block < blocks; block++) {
    const [x, y] = [block % columns, Math.floor(block / columns)];
    const on = (of: BlockSpans) => touches(of, x, y, x, y);
    if (kept.some(on)) shown++;
    else {
      const own = gone.filter(on);
      if (own.length > 0) lost++;
      for (const frame of own) missed.add(frame);
    }
  }
  return { frames: missed.size, fraction: lost / Math.max(1, shown + lost) };
}
