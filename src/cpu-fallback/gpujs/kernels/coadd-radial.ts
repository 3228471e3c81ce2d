// gpu.js kernel of contracts/coadd-radial.ts.
import { BLANK_VALUE, BLOCK_SIZE, MAP_STRIDE } from '../../../compute/constants.js';
import { type coaddRadial as contract, RADIAL_TABLE_SIZE } from '../../../compute/contracts/coadd-radial.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';

/** What a pixel of a block adds to sum, weight and square. */
const radialTerms: DeviceKernel = {
  name: 'coadd-radial',
  arguments: {
    samples: 'Array',
    means: 'Array',
    map: 'Array',
    radial: 'Array',
    frameWeight: 'Float',
    fromCentreX: 'Float',
    fromCentreY: 'Float',
    invRadius: 'Float',
  },
  output: [BLOCK_SIZE * BLOCK_SIZE],
  constants: { half: BLOCK_SIZE / 2, side: BLOCK_SIZE, tableSize: RADIAL_TABLE_SIZE },
  code: function (
    this: DeviceThis,
    samples: Float32Array,
    means: Float32Array,
    map: Float32Array,
    radial: Float32Array,
    frameWeight: number,
    fromCentreX: number,
    fromCentreY: number,
    invRadius: number,
  ) {
    const half = this.constants.half;
    const side = this.constants.side;
    const row = Math.floor(this.thread.x / side);
    const column = this.thread.x - row * side;
    const u = (column - half + 0.5) / half;
    const v = (row - half + 0.5) / half;
    const x0 = map[2] + u * (map[3] + u * map[4]);
    const x1 = map[5] + u * (map[6] + u * map[7]);
    const x2 = map[8] + u * (map[9] + u * map[10]);
    const y0 = map[11] + u * (map[12] + u * map[13]);
    const y1 = map[14] + u * (map[15] + u * map[16]);
    const y2 = map[17] + u * (map[18] + u * map[19]);
    const x = fromCentreX + x0 + v * (x1 + v * x2);
    const y = fromCentreY + y0 + v * (y1 + v * y2);
    const place = Math.min(1, Math.sqrt(x * x + y * y) * invRadius) * this.constants.tableSize;
    const entry = Math.floor(place) | 0;
    const below = radial[entry];
    const r = below + (place - Math.floor(place)) * (radial[entry + 1] - below);
    const value = samples[this.thread.x];
    let w = 0.0;
    let term = 0.0;
    if (value > this.constants.blankLimit) {
      w = frameWeight * r;
      term = w * (value - means[this.thread.x]);
    }
    return [term, w, w * r];
  },
};

interface RadialBuffers {
  readonly cube: Float32Array;
  readonly frame_weights: Float32Array;
  readonly map: Float32Array;
  readonly radial: Float32Array;
  readonly mean: Float32Array;
  readonly sum: Float32Array;
  readonly weight: Float32Array;
  readonly square: Float32Array;
}

/** Adds one slot of the cube, weighted by the distance from the middle of its frame; see the contract. */
export async function coaddRadial(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: RadialBuffers,
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, planes } = p;
  const samples = new Float32Array(BLOCK_SIZE ** 2);
  const means = new Float32Array(BLOCK_SIZE ** 2);
  for (let y0 = 0, block = 0; y0 < height; y0 += BLOCK_SIZE) {
    for (let x0 = 0; x0 < width; x0 += BLOCK_SIZE, block += MAP_STRIDE) {
      const map = b.map.slice(block, block + MAP_STRIDE);
      const columns = Math.min(BLOCK_SIZE, width - x0);
      const rows = Math.min(BLOCK_SIZE, height - y0);
      for (let c = 0; c < planes; c++) {
        const slotPlane = p.slot * planes + c;
        samples.fill(BLANK_VALUE);
        for (let row = 0; row < rows; row++) {
          const at = (y0 + row) * width + x0;
          const slotAt = slotPlane * width * height + at;
          const meanAt = c * width * height + at;
          samples.set(b.cube.subarray(slotAt, slotAt + columns), row * BLOCK_SIZE);
          means.set(b.mean.subarray(meanAt, meanAt + columns), row * BLOCK_SIZE);
        }
        const terms = engine.launch(radialTerms, [
          samples,
          means,
          map,
          b.radial,
          b.frame_weights[slotPlane],
          map[0] - p.centreX,
          map[1] - p.centreY,
          p.invRadius,
        ]) as readonly Float32Array[];
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const [term, w, wr] = terms[row * BLOCK_SIZE + column];
            const out = (c * height + y0 + row) * width + x0 + column;
            b.sum[out] += term;
            b.weight[out] += w;
            b.square[out] += wr;
          }
        }
        await turn();
      }
    }
  }
}
