// What the two demosaic twins share: colours of sites, and means over the neighbours that carry a colour.
import { BLANK_LIMIT, BLANK_VALUE, GREEN } from '../compute/constants.js';

export interface CfaWindow {
  readonly cfa: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly originX: number;
  readonly originY: number;
  readonly pattern: number;
}

/** Colour (RED, GREEN, BLUE) of the site (x, y) of the window. */
function colourAt(w: CfaWindow, x: number, y: number): number {
  const site = ((y + w.originY) & 1) * 2 + ((x + w.originX) & 1);
  return (w.pattern >>> (2 * site)) & 3;
}

/** Kind of a site's own colour, which needs no neighbour. */
export const OWN = 4;

/** Where each colour comes from, by site parity of the window: kinds[((y&1)*2 + (x&1))*3 + colour]. */
export function siteKinds(w: CfaWindow): Uint8Array {
  const kinds = new Uint8Array(12);
  for (let site = 0; site < 4; site++) {
    for (let colour = 0; colour < 3; colour++) {
      const [x, y] = [site & 1, site >> 1];
      kinds[site * 3 + colour] = colourAt(w, x, y) === colour ? OWN : sitesOf(w, x, y, colour);
    }
  }
  return kinds;
}

/** Nearest sites that carry another colour than a site's own: the 4 direct, 2 along the row, 2 along the column, the 4 diagonal. */
export const DIRECT = 0;
export const ALONG_ROW = 1;
export const ALONG_COLUMN = 2;
export const DIAGONAL = 3;

/** Where the nearest sites of `colour` lie around (x, y), whose own colour is another. */
function sitesOf(w: CfaWindow, x: number, y: number, colour: number): number {
  if (colour === GREEN) return DIRECT;
  if (colourAt(w, x, y) !== GREEN) return DIAGONAL;
  return colourAt(w, x + 1, y) === colour ? ALONG_ROW : ALONG_COLUMN;
}

/** Offsets (dx, dy) of the sites, by kind. */
export const SITE_OFFSETS: readonly (readonly (readonly [number, number])[])[] = [
  [
    [0, -1],
    [-1, 0],
    [1, 0],
    [0, 1],
  ],
  [
    [-1, 0],
    [1, 0],
  ],
  [
    [0, -1],
    [0, 1],
  ],
  [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ],
];

/** Mean of the valid samples at the sites of `kind` around (x, y); BLANK_VALUE where there is none. */
export function meanOfSites(w: CfaWindow, x: number, y: number, kind: number): number {
  const { cfa, width, height } = w;
  const at = y * width + x;
  if (x > 0 && y > 0 && x < width - 1 && y < height - 1) {
    const first = kind === DIAGONAL ? width + 1 : kind === ALONG_ROW ? 1 : width;
    const a = cfa[at - first];
    const b = cfa[at + first];
    if (kind === ALONG_ROW || kind === ALONG_COLUMN) {
      if (a > BLANK_LIMIT && b > BLANK_LIMIT) return (a + b) / 2;
    } else {
      const second = kind === DIAGONAL ? width - 1 : 1;
      const c = cfa[at - second];
      const d = cfa[at + second];
      if (a > BLANK_LIMIT && b > BLANK_LIMIT && c > BLANK_LIMIT && d > BLANK_LIMIT)
        return (a + b + c + d) / 4;
    }
  }
  let sum = 0;
  let n = 0;
  for (const [dx, dy] of SITE_OFFSETS[kind]) {
    const [nx, ny] = [x + dx, y + dy];
    if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
    const v = cfa[ny * width + nx];
    if (!(v > BLANK_LIMIT)) continue;
    sum += v;
    n++;
  }
  return n > 0 ? sum / n : BLANK_VALUE;
}
