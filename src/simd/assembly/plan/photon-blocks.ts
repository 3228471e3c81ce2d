// What photons add to the variance of the mosaic's blocks: `src/pipeline/uncertainty/photon-field.ts`.
import { BLOCK_SIZE } from '../layout';
import { surface } from './surface';
import { addF64, f64At, i32At, putF32 } from '../words';

const LEVEL_TERMS: u32 = 6;

/** Where blocks lie in a frame's surfaces: f64 numbers. */
@unmanaged
class Place {
  /** The grid's pixel that the frame's middle shows, and the steps of one pixel of the frame there. */
  x: f64;
  y: f64;
  a: f64;
  b: f64;
  c: f64;
  d: f64;
  /** Scale of normalised coordinates, and how far they go, pixels. */
  scale: f64;
  reachX: f64;
  reachY: f64;
}

/** One channel of a frame: f64 numbers. */
@unmanaged
class Channel {
  gain: f64;
  /** Its weight in the mean, what its photons add to the variance an ADU (0 where nobody knows), and the level at which its noise was measured. */
  share: f64;
  photons: f64;
  level: f64;
}

/**
 * Adds one frame, which touches the blocks `spans`, i32 [rows, 2] from row `firstRow` of blocks on, of `nx` a row and `blocks` in all. `channels` are [planes] records, `terms` f64 [planes, 6]. `sums` is f64 [2 planes, blocks],
 * slopes and offsets, `weights` f64 [planes, blocks].
 */
export function photonBlocks(
  spans: usize,
  firstRow: u32,
  rows: u32,
  nx: u32,
  blocks: u32,
  planes: u32,
  place: usize,
  channels: usize,
  terms: usize,
  sums: usize,
  weights: usize,
): void {
  const p = changetype<Place>(place);
  const determinant = p.a * p.d - p.b * p.c;
  for (let r: u32 = 0; r < rows; r++) {
    const row = firstRow + r;
    const last = i32At(spans, 2 * r + 1);
    const dy = (<f64>row + 0.5) * BLOCK_SIZE - 0.5 - p.y;
    for (let block = i32At(spans, 2 * r); block <= last; block++) {
      const dx = (<f64>block + 0.5) * BLOCK_SIZE - 0.5 - p.x;
      const x = p.scale * held((p.d * dx - p.b * dy) / determinant, p.reachX);
      const y = p.scale * held((p.a * dy - p.c * dx) / determinant, p.reachY);
      for (let k: u32 = 0; k < planes; k++) {
        const channel = changetype<Channel>(channels + k * offsetof<Channel>());
        const at = k * blocks + row * nx + block;
        addF64(weights, at, channel.share);
        const photons = channel.share * channel.photons;
        if (channel.photons == 0) continue;
        addF64(sums, at, photons / channel.gain);
        const sky = surface(terms + (<usize>(LEVEL_TERMS * k) << 3), LEVEL_TERMS, x, y);
        addF64(sums, planes * blocks + at, photons * (sky - channel.level));
      }
    }
  }
}

/** Means, f32 [2, count], of `sums`, f64 [2, count], by `weights`, f64 [count]; 0 where there are none. */
export function photonMeans(sums: usize, weights: usize, count: u32, out: usize): void {
  for (let half: u32 = 0; half < 2; half++)
    for (let k: u32 = 0; k < count; k++) {
      const weight = f64At(weights, k);
      const at = half * count + k;
      putF32(out, at, weight > 0 ? f64At(sums, at) / weight : 0);
    }
}

function held(v: f64, limit: f64): f64 {
  return min(limit, max(-limit, v));
}
