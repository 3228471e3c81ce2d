// gpu.js kernel of contracts/demosaic-bilinear.ts.
import type { demosaicBilinear as contract } from '../../../compute/contracts/demosaic-bilinear.js';
import type { ParamsOf } from '../../../compute/params.js';
import { siteKinds } from '../../cfa.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { cutTile, pasteTile, TILE, TILE_CONSTANTS, TILE_STRIDE, tileCorners } from '../tiles.js';

/** One colour of a tile; `kind00`.. say by site parity (y, x) where it comes from (DIRECT, ALONG_ROW, ALONG_COLUMN, DIAGONAL, OWN of cfa.ts). */
const meanOfNeighbours: DeviceKernel = {
  name: 'demosaic-bilinear',
  arguments: { cfa: 'Array', kind00: 'Integer', kind01: 'Integer', kind10: 'Integer', kind11: 'Integer' },
  output: [TILE, TILE],
  constants: TILE_CONSTANTS,
  code: function (
    this: DeviceThis,
    cfa: Float32Array,
    kind00: number,
    kind01: number,
    kind10: number,
    kind11: number,
  ) {
    const limit = this.constants.blankLimit;
    const stride = this.constants.stride;
    const at = (this.thread.y + this.constants.halo) * stride + this.thread.x + this.constants.halo;
    const site = (this.thread.y & 1) * 2 + (this.thread.x & 1);
    let kind = kind00;
    if (site === 1) kind = kind01;
    if (site === 2) kind = kind10;
    if (site === 3) kind = kind11;
    let sum = 0;
    let n = 0;
    if (kind === 0 || kind === 1) {
      const west = cfa[at - 1];
      const east = cfa[at + 1];
      if (west > limit) {
        sum = sum + west;
        n = n + 1;
      }
      if (east > limit) {
        sum = sum + east;
        n = n + 1;
      }
    }
    if (kind === 0 || kind === 2) {
      const north = cfa[at - stride];
      const south = cfa[at + stride];
      if (north > limit) {
        sum = sum + north;
        n = n + 1;
      }
      if (south > limit) {
        sum = sum + south;
        n = n + 1;
      }
    }
    if (kind === 3) {
      const a = cfa[at - stride - 1];
      const b = cfa[at - stride + 1];
      const c = cfa[at + stride - 1];
      const d = cfa[at + stride + 1];
      if (a > limit) {
        sum = sum + a;
        n = n + 1;
      }
      if (b > limit) {
        sum = sum + b;
        n = n + 1;
      }
      if (c > limit) {
        sum = sum + c;
        n = n + 1;
      }
      if (d > limit) {
        sum = sum + d;
        n = n + 1;
      }
    }
    let value = this.constants.blankValue;
    if (n > 0) value = sum / n;
    if (kind === 4) value = cfa[at];
    return value;
  },
};

/** CFA to three planes by means of the nearest sites; see the contract. */
export async function demosaicBilinear(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: { cfa: Float32Array; planes: Float32Array },
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, originX, originY, pattern } = p;
  const kinds = siteKinds({ cfa: b.cfa, width, height, originX, originY, pattern });
  const cfa = { data: b.cfa, start: 0, width, height };
  const tile = new Float32Array(TILE_STRIDE * TILE_STRIDE);
  for (const [x, y] of tileCorners(width, height)) {
    cutTile(cfa, x, y, tile);
    for (let colour = 0; colour < 3; colour++) {
      const bySite = [0, 1, 2, 3].map((site) => kinds[site * 3 + colour]);
      const rows = engine.launch(meanOfNeighbours, [tile, ...bySite]);
      pasteTile(rows, { data: b.planes, start: colour * width * height, width, height }, x, y);
    }
    await turn();
  }
}
