// gpu.js kernel of contracts/demosaic-edge-aware.ts: green first, then red and blue by their differences to green.
import { BLUE, GREEN, RED } from '../../../compute/constants.js';
import type { demosaicEdgeAware as contract } from '../../../compute/contracts/demosaic-edge-aware.js';
import type { ParamsOf } from '../../../compute/params.js';
import { OWN, siteKinds } from '../../cfa.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { cutTile, pasteTile, TILE, TILE_CONSTANTS, TILE_STRIDE, tileCorners } from '../tiles.js';

/** Green of a tile; `own00`.. are 1 at the site parities (y, x) that are green themselves. */
const greenAlongEdges: DeviceKernel = {
  name: 'demosaic-edge-aware green',
  arguments: { cfa: 'Array', own00: 'Integer', own01: 'Integer', own10: 'Integer', own11: 'Integer' },
  output: [TILE, TILE],
  constants: TILE_CONSTANTS,
  code: function (
    this: DeviceThis,
    cfa: Float32Array,
    own00: number,
    own01: number,
    own10: number,
    own11: number,
  ) {
    const limit = this.constants.blankLimit;
    const stride = this.constants.stride;
    const at = (this.thread.y + this.constants.halo) * stride + this.thread.x + this.constants.halo;
    const site = (this.thread.y & 1) * 2 + (this.thread.x & 1);
    let isGreen = own00;
    if (site === 1) isGreen = own01;
    if (site === 2) isGreen = own10;
    if (site === 3) isGreen = own11;
    const own = cfa[at];
    const left = cfa[at - 1];
    const right = cfa[at + 1];
    const up = cfa[at - stride];
    const down = cfa[at + stride];
    const left2 = cfa[at - 2];
    const right2 = cfa[at + 2];
    const up2 = cfa[at - 2 * stride];
    const down2 = cfa[at + 2 * stride];
    const near = Math.min(Math.min(left, right), Math.min(up, down));
    const far = Math.min(Math.min(left2, right2), Math.min(up2, down2));
    let value = this.constants.blankValue;
    if (Math.min(own, Math.min(near, far)) > limit) {
      const bendX = 2 * own - left2 - right2;
      const bendY = 2 * own - up2 - down2;
      const gradientX = Math.abs(left - right) + Math.abs(bendX);
      const gradientY = Math.abs(up - down) + Math.abs(bendY);
      const byRow = (left + right) / 2 + bendX / 4;
      const byColumn = (up + down) / 2 + bendY / 4;
      value = (byRow + byColumn) / 2;
      if (gradientX < gradientY) value = byRow;
      if (gradientY < gradientX) value = byColumn;
    } else {
      let sum = 0;
      let n = 0;
      if (left > limit) {
        sum = sum + left;
        n = n + 1;
      }
      if (right > limit) {
        sum = sum + right;
        n = n + 1;
      }
      if (up > limit) {
        sum = sum + up;
        n = n + 1;
      }
      if (down > limit) {
        sum = sum + down;
        n = n + 1;
      }
      if (n > 0) value = sum / n;
    }
    if (isGreen === 1) value = own;
    return value;
  },
};

/** Red or blue of a tile; `kind00`.. as in demosaic-bilinear, never DIRECT. The sites are taken as pairs that face each other. */
const colourByDifference: DeviceKernel = {
  name: 'demosaic-edge-aware colour',
  arguments: {
    cfa: 'Array',
    green: 'Array',
    kind00: 'Integer',
    kind01: 'Integer',
    kind10: 'Integer',
    kind11: 'Integer',
  },
  output: [TILE, TILE],
  constants: TILE_CONSTANTS,
  code: function (
    this: DeviceThis,
    cfa: Float32Array,
    green: Float32Array,
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
    // Distance to the sites: along the row, along the column, or both diagonals.
    let first = 1;
    if (kind === 2) first = stride;
    if (kind === 3) first = stride + 1;
    let second = 0;
    if (kind === 3) second = stride - 1;
    let sum = 0;
    let n = 0;
    let differences = 0;
    let pairs = 0;
    for (let k = 0; k < 4; k++) {
      let place = at - first;
      if (k === 1) place = at + first;
      if (k === 2) place = at - second;
      if (k === 3) place = at + second;
      if (k < 2 || second > 0) {
        const c = cfa[place];
        const g = green[place];
        if (c > limit) {
          sum = sum + c;
          n = n + 1;
          if (g > limit) {
            differences = differences + (c - g);
            pairs = pairs + 1;
          }
        }
      }
    }
    const own = green[at];
    let value = this.constants.blankValue;
    if (n > 0) value = sum / n;
    if (own > limit && pairs > 0) value = own + differences / pairs;
    if (kind === 4) value = cfa[at];
    return value;
  },
};

/** CFA to three planes, Hamilton-Adams green and colour differences; see the contract. */
export async function demosaicEdgeAware(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: { cfa: Float32Array; planes: Float32Array },
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, originX, originY, pattern } = p;
  const kinds = siteKinds({ cfa: b.cfa, width, height, originX, originY, pattern });
  const bySite = (colour: number) => [0, 1, 2, 3].map((site) => kinds[site * 3 + colour]);
  const ownGreen = bySite(GREEN).map((kind) => (kind === OWN ? 1 : 0));
  const plane = (colour: number) => ({ data: b.planes, start: colour * width * height, width, height });
  const cfa = { data: b.cfa, start: 0, width, height };
  const cfaTile = new Float32Array(TILE_STRIDE * TILE_STRIDE);
  const greenTile = new Float32Array(TILE_STRIDE * TILE_STRIDE);
  for (const [x, y] of tileCorners(width, height)) {
    const rows = engine.launch(greenAlongEdges, [cutTile(cfa, x, y, cfaTile), ...ownGreen]);
    pasteTile(rows, plane(GREEN), x, y);
    await turn();
  }
  for (const [x, y] of tileCorners(width, height)) {
    cutTile(cfa, x, y, cfaTile);
    cutTile(plane(GREEN), x, y, greenTile);
    for (const colour of [RED, BLUE]) {
      const rows = engine.launch(colourByDifference, [cfaTile, greenTile, ...bySite(colour)]);
      pasteTile(rows, plane(colour), x, y);
    }
    await turn();
  }
}
