// The sites of each colour of a Bayer window as a plane of their own: red and blue at every second pixel of every second row, green turned by 45 degrees.
import { BLANK_VALUE, BLUE, GREEN, RED } from '../compute/constants.js';
import type { PlaneWindow } from './warp-taps.js';

/** A rectangle of a frame's Bayer samples. */
export interface CfaSamples {
  readonly cfa: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Frame pixel of the first sample. */
  readonly x0: number;
  readonly y0: number;
  /** As in the contracts, for the frame's pixel (0, 0). */
  readonly pattern: number;
}

/** Integer site and fraction of a position, along the two axes of a lattice. */
export interface LatticePosition {
  m: number;
  n: number;
  fx: number;
  fy: number;
}

/** Sites of one colour; site (m, n) of the contract is pixel (m - m0, n - n0) of `plane`, BLANK_VALUE where the window has no such site. */
export interface CfaLattice {
  readonly plane: PlaneWindow;
  readonly m0: number;
  readonly n0: number;
  /** Green: the lattice is turned, and `siteX` is the parity of its sites' x + y; else (siteX, siteY) is its first site in the 2x2 tile. */
  readonly turned: boolean;
  readonly siteX: number;
  readonly siteY: number;
  /** Writes the site and fraction of frame position (kx + fx, ky + fy). */
  readonly locate: (kx: number, ky: number, fx: number, fy: number, at: LatticePosition) => void;
}

const f = Math.fround;

/** The lattices of R, G and B. */
export function cfaLattices(samples: CfaSamples): readonly CfaLattice[] {
  return [squareLattice(samples, RED), greenLattice(samples), squareLattice(samples, BLUE)];
}

function firstSite(pattern: number, colour: number): readonly [number, number] {
  for (let site = 0; site < 4; site++) {
    if (((pattern >>> (2 * site)) & 3) === colour) return [site & 1, site >> 1];
  }
  return [0, 0];
}

function squareLattice({ cfa, width, height, x0, y0, pattern }: CfaSamples, colour: number): CfaLattice {
  const [a, b] = firstSite(pattern, colour);
  const m0 = Math.ceil((x0 - a) / 2);
  const n0 = Math.ceil((y0 - b) / 2);
  const columns = Math.max(0, Math.floor((x0 + width - 1 - a) / 2) - m0 + 1);
  const rows = Math.max(0, Math.floor((y0 + height - 1 - b) / 2) - n0 + 1);
  const data = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    const row = (2 * (n0 + j) + b - y0) * width + 2 * m0 + a - x0;
    for (let i = 0; i < columns; i++) data[j * columns + i] = cfa[row + 2 * i];
  }
  return {
    plane: { data, start: 0, width: columns, height: rows },
    m0,
    n0,
    turned: false,
    siteX: a,
    siteY: b,
    locate(kx, ky, fx, fy, at) {
      at.m = (kx - a) >> 1;
      at.n = (ky - b) >> 1;
      at.fx = 0.5 * f(((kx - a) & 1) + fx);
      at.fy = 0.5 * f(((ky - b) & 1) + fy);
    },
  };
}

function greenLattice({ cfa, width, height, x0, y0, pattern }: CfaSamples): CfaLattice {
  const [a, b] = firstSite(pattern, GREEN);
  const g = (a + b) & 1;
  // m = (x + y - g) / 2 and n = (x - y - g) / 2 over the window, which stands on a corner in this plane.
  const m0 = (x0 + y0 - g) >> 1;
  const n0 = (x0 - (y0 + height - 1) - g) >> 1;
  const columns = ((x0 + width - 1 + y0 + height - 1 - g) >> 1) - m0 + 1;
  const rows = ((x0 + width - 1 - y0 - g) >> 1) - n0 + 1;
  const data = new Float32Array(columns * rows).fill(BLANK_VALUE);
  for (let y = 0; y < height; y++) {
    for (let x = (x0 + y0 + y + g) & 1; x < width; x += 2) {
      const m = (x0 + x + y0 + y - g) / 2;
      const n = (x0 + x - y0 - y - g) / 2;
      data[(n - n0) * columns + m - m0] = cfa[y * width + x];
    }
  }
  return {
    plane: { data, start: 0, width: columns, height: rows },
    m0,
    n0,
    turned: true,
    siteX: g,
    siteY: 0,
    locate(kx, ky, fx, fy, at) {
      const q = f(fx + fy);
      const r = f(fx - fy);
      const floorQ = Math.floor(q);
      const floorR = Math.floor(r);
      const s = kx + ky - g + floorQ;
      const t = kx - ky - g + floorR;
      at.m = s >> 1;
      at.n = t >> 1;
      at.fx = 0.5 * f((s & 1) + f(q - floorQ));
      at.fy = 0.5 * f((t & 1) + f(r - floorR));
    },
  };
}
