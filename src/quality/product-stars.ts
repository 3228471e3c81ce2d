// Stars on the finished mosaic: where they stand and how bright they are, measured at the places that the frames name.
import { FWHM_OVER_SIGMA } from '../astrometry/stars/matched-filter.js';
import type { PlaneSource } from '../output/sources/plane-source.js';
import { RingRows } from '../output/sources/ring-rows.js';
import { withPasses, type SamplePasses } from '../simd/sample-passes.js';

/** A place where frames see a star, 0-based pixels of the mosaic. */
export interface ExpectedStar {
  readonly x: number;
  readonly y: number;
}

/** What the mosaic shows there. */
export interface ProductStar {
  /** Centre of the light in a Gaussian window of the stars' own width, which follows it, 0-based. */
  readonly x: number;
  readonly y: number;
  /** Light in the aperture above the ring around it, per plane. */
  readonly flux: readonly number[];
}

/** Radii in FWHM: the aperture that frames are measured in, and the ring that gives the sky. */
const APERTURE_FWHM = 1.2;
const RING_FROM_FWHM = 2.2;
const RING_TO_FWHM = 3.6;
const MAX_ITERATIONS = 16;
const LAST_STEP_PX = 2e-3;
/** A centre that leaves the place by more than this many window sigmas belongs to something else. */
const MAX_WALK_SIGMAS = 1.5;

/**
 * Measures the stars at `expected`; undefined where the mosaic has a gap in the ring or no star settles. `fwhmPx` is that of the frames' stars on
 * this grid. The bands of rows that hold a star are read once.
 */
export async function measureProductStars(
  mosaic: PlaneSource,
  expected: readonly ExpectedStar[],
  fwhmPx: number,
): Promise<(ProductStar | undefined)[]> {
  const reach = Math.ceil(RING_TO_FWHM * fwhmPx) + 1;
  const order = Array.from(expected.keys()).sort((a, b) => expected[a].y - expected[b].y);
  const stars = new Array<ProductStar | undefined>(expected.length).fill(undefined);
  await withPasses(async (room) => {
    const patch = new StarPatch(room, mosaic, reach, fwhmPx);
    for (const s of order) {
      const [px, py] = [Math.round(expected[s].x), Math.round(expected[s].y)];
      if (px < reach || py < reach || px + reach >= mosaic.nx || py + reach >= mosaic.ny) continue;
      stars[s] = await patch.measure(px, py);
    }
  });
  return stars;
}

/** The square around a star, measured in WebAssembly, because a mosaic has some thousand stars. */
class StarPatch {
  readonly #side: number;
  readonly #rows: RingRows;
  readonly #at: Record<'squares' | 'ring' | 'scratch' | 'out', number>;
  readonly #ring: Int32Array;
  readonly #out: Float64Array;

  constructor(
    private readonly room: SamplePasses,
    private readonly mosaic: PlaneSource,
    private readonly reach: number,
    private readonly fwhm: number,
  ) {
    this.#side = 2 * reach + 1;
    const ring = [];
    for (let j = -reach; j <= reach; j++) {
      for (let i = -reach; i <= reach; i++) {
        const r = Math.hypot(i, j) / fwhm;
        if (r >= RING_FROM_FWHM && r <= RING_TO_FWHM) ring.push((j + reach) * this.#side + i + reach);
      }
    }
    const { planes } = mosaic;
    this.#rows = new RingRows(room, mosaic, this.#side);
    const at = (this.#at = {
      squares: room.take(4 * planes * this.#side ** 2),
      ring: room.take(4 * ring.length),
      scratch: room.take(Math.max(12 * ring.length, 8 * this.#side)),
      out: room.take(8 * (2 + planes)),
    });
    this.#ring = new Int32Array(room.buffer, at.ring, ring.length);
    this.#ring.set(ring);
    this.#out = new Float64Array(room.buffer, at.out, 2 + planes);
  }

  /** The star about column `px` and row `py`. */
  async measure(px: number, py: number): Promise<ProductStar | undefined> {
    const { reach, fwhm } = this;
    const { nx, planes } = this.mosaic;
    const rows = this.#rows;
    const [x0, y0, side] = [px - reach, py - reach, this.#side];
    await rows.need(y0, y0 + side);
    const { squares, ring, scratch, out } = this.#at;
    const { passes } = this.room;
    passes.ringSquares(rows.address, planes, rows.bytes, nx, rows.rows, x0, y0, side, squares);
    const sigma = fwhm / FWHM_OVER_SIGMA;
    const settled = passes.productStar(
      ...([squares, planes, reach, ring, this.#ring.length, sigma] as const),
      ...([MAX_ITERATIONS, LAST_STEP_PX, MAX_WALK_SIGMAS * sigma, APERTURE_FWHM * fwhm] as const),
      ...([scratch, out] as const),
    );
    if (!settled) return undefined;
    const [x, y, ...flux] = this.#out;
    return { x: x0 + x, y: y0 + y, flux };
  }
}
