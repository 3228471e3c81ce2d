// Star lists of frames that look at one flat, made-up sky, or at none.
import type { SolveImage } from '../../../src/astrometry/solver/solve-types.js';
import { gaussian, randomNumbers } from '../solver/synthetic-field.js';

export const [WIDTH, HEIGHT] = [1080, 1920];

export interface FlatStar {
  readonly x: number;
  readonly y: number;
  readonly magnitude: number;
}

/** Stars 400 times in the area of a frame, all over a square of `side` pixels about the origin. */
export function flatSky(seed: number, side = 5000, perFrame = 400): FlatStar[] {
  const random = randomNumbers(seed);
  const count = Math.round((perFrame * side * side) / (WIDTH * HEIGHT));
  return Array.from({ length: count }, () => ({
    x: side * (random() - 0.5),
    y: side * (random() - 0.5),
    magnitude: 3 * Math.log10(1 + 999 * random()),
  }));
}

export interface View {
  /** Where the frame's middle looks. */
  readonly at?: readonly [number, number];
  readonly angle?: number;
  readonly scale?: number;
  readonly mirrored?: boolean;
  readonly noisePx?: number;
  readonly missing?: number;
  readonly seed?: number;
  /** Stars kept, brightest first. */
  readonly most?: number;
}

/** FITS pixel of a point of the sky. */
export function pixelOf(
  { x, y }: { readonly x: number; readonly y: number },
  { at = [0, 0], angle = 0, scale = 1, mirrored = false }: View,
): [number, number] {
  const [dx, dy] = [(x - at[0]) * scale, (y - at[1]) * scale];
  const [u, v] = [Math.cos(angle) * dx + Math.sin(angle) * dy, -Math.sin(angle) * dx + Math.cos(angle) * dy];
  return [(WIDTH + 1) / 2 + (mirrored ? -u : u), (HEIGHT + 1) / 2 + v];
}

/** What a camera detects: centroid noise 0.15 px and a tenth of the stars missing unless told; magnitudes off by 0.2. */
export function view(sky: readonly FlatStar[], options: View = {}): SolveImage {
  const random = randomNumbers(options.seed ?? 1);
  const noise = options.noisePx ?? 0.15;
  const seen = sky.flatMap((star) => {
    const [x, y] = pixelOf(star, options);
    if (x < 1 || y < 1 || x > WIDTH || y > HEIGHT || random() < (options.missing ?? 0.1)) return [];
    const magnitude = star.magnitude + 0.2 * gaussian(random);
    return [{ x: x + noise * gaussian(random), y: y + noise * gaussian(random), magnitude }];
  });
  return imageOf(seen.sort((a, b) => a.magnitude - b.magnitude).slice(0, options.most));
}

/** Brightest first, as they come. */
export function imageOf(stars: readonly { readonly x: number; readonly y: number }[]): SolveImage {
  return {
    width: WIDTH,
    height: HEIGHT,
    stars: {
      count: stars.length,
      x: Float64Array.from(stars, ({ x }) => x),
      y: Float64Array.from(stars, ({ y }) => y),
    },
  };
}

/** The stars of one list in another's company: every `every`-th of the first is replaced. */
export function mingled(image: SolveImage, other: SolveImage, every: number): SolveImage {
  const { x, y, count } = image.stars;
  const stars = Array.from({ length: count }, (_, i) =>
    i % every === 0 && i < other.stars.count
      ? { x: other.stars.x[i], y: other.stars.y[i] }
      : { x: x[i], y: y[i] },
  );
  return imageOf(stars);
}
