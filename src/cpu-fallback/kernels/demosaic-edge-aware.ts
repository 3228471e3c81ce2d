// Twin of contracts/demosaic-edge-aware.ts.
import { BLANK_LIMIT, GREEN } from '../../compute/constants.js';
import type { demosaicEdgeAware as contract } from '../../compute/contracts/demosaic-edge-aware.js';
import type { ParamsOf } from '../../compute/params.js';
import { type CfaWindow, DIRECT, meanOfSites, OWN, SITE_OFFSETS, siteKinds } from '../cfa.js';

/** CFA to three planes, Hamilton-Adams green and colour differences; see the contract. */
export function demosaicEdgeAware(
  p: ParamsOf<typeof contract.params>,
  b: { cfa: Float32Array; planes: Float32Array },
): void {
  const { width, height, originX, originY, pattern } = p;
  const w: CfaWindow = { cfa: b.cfa, width, height, originX, originY, pattern };
  const kinds = siteKinds(w);
  const pixels = width * height;
  const green = new Float64Array(pixels);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const kind = kinds[((y & 1) * 2 + (x & 1)) * 3 + GREEN];
      green[at] = kind === OWN ? b.cfa[at] : greenAt(w, x, y);
      b.planes[GREEN * pixels + at] = green[at];
    }
  }
  for (let colour = 0; colour < 3; colour++) {
    if (colour === GREEN) continue;
    let out = colour * pixels;
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++, out++) {
        const kind = kinds[((y & 1) * 2 + (x & 1)) * 3 + colour];
        b.planes[out] = kind === OWN ? b.cfa[at] : byDifference(w, green, x, y, kind);
      }
    }
  }
}

function greenAt(w: CfaWindow, x: number, y: number): number {
  const { cfa, width, height } = w;
  if (x < 2 || y < 2 || x >= width - 2 || y >= height - 2) return meanOfSites(w, x, y, DIRECT);
  const at = y * width + x;
  const own = cfa[at];
  const [left, right, up, down] = [cfa[at - 1], cfa[at + 1], cfa[at - width], cfa[at + width]];
  const [left2, right2] = [cfa[at - 2], cfa[at + 2]];
  const [up2, down2] = [cfa[at - 2 * width], cfa[at + 2 * width]];
  const least = Math.min(own, left, right, up, down, left2, right2, up2, down2);
  if (!(least > BLANK_LIMIT)) return meanOfSites(w, x, y, DIRECT);
  const bendX = 2 * own - left2 - right2;
  const bendY = 2 * own - up2 - down2;
  const gradientX = Math.abs(left - right) + Math.abs(bendX);
  const gradientY = Math.abs(up - down) + Math.abs(bendY);
  const byRow = (left + right) / 2 + bendX / 4;
  const byColumn = (up + down) / 2 + bendY / 4;
  if (gradientX < gradientY) return byRow;
  if (gradientY < gradientX) return byColumn;
  return (byRow + byColumn) / 2;
}

/** Green of the site plus the mean difference C - G over the sites of `kind`, or the bilinear value. */
function byDifference(w: CfaWindow, green: Float64Array, x: number, y: number, kind: number): number {
  const { cfa, width, height } = w;
  const own = green[y * width + x];
  let sum = 0;
  let n = 0;
  if (own > BLANK_LIMIT) {
    const offsets = SITE_OFFSETS[kind];
    for (let k = 0; k < offsets.length; k++) {
      const nx = x + offsets[k][0];
      const ny = y + offsets[k][1];
      if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
      const near = ny * width + nx;
      if (!(cfa[near] > BLANK_LIMIT && green[near] > BLANK_LIMIT)) continue;
      sum += cfa[near] - green[near];
      n++;
    }
  }
  return n > 0 ? own + sum / n : meanOfSites(w, x, y, kind);
}
