// Frames with stars whose places, widths and colours are known.
import type { FramePixels } from '../../../src/astrometry/stars/frame-pixels.js';
import type { CfaSites } from '../../../src/photometry/background/background-mesh.js';
import { measureBackground } from '../../photometry/background/measure-background.js';
import { gaussian, randomNumbers } from '../solver/synthetic-field.js';

export interface DrawnStar {
  /** FITS pixel coordinates. */
  readonly x: number;
  readonly y: number;
  /** Sum over all raw pixels of a full-density plane, red, green, blue (mono: the first). */
  readonly flux: readonly [number, number, number];
  readonly fwhm?: number;
  /** Axis ratio and direction of the major axis. */
  readonly stretch?: number;
  readonly angle?: number;
  /** Exponent of a Moffat profile; a Gaussian without it. */
  readonly exponent?: number;
}

export interface DrawOptions {
  readonly width: number;
  readonly height: number;
  readonly cfa?: CfaSites;
  readonly sky?: readonly [number, number, number];
  readonly noise?: number;
  readonly seed?: number;
  readonly saturation?: number;
  /** Last changes to the raw samples. */
  readonly spoil?: (data: Float32Array) => void;
}

export function drawFrame(stars: readonly DrawnStar[], options: DrawOptions): FramePixels {
  const { width, height, cfa, sky = [300, 500, 400], noise = 5, saturation } = options;
  const random = randomNumbers(options.seed ?? 1);
  const data = new Float32Array(width * height);
  const channelAt = (x: number, y: number) => (cfa ? cfa[(y & 1) * 2 + (x & 1)] : 0);
  for (let k = 0; k < data.length; k++)
    data[k] = sky[channelAt(k % width, Math.floor(k / width))] + noise * gaussian(random);
  for (const { x, y, flux, fwhm = 3, stretch = 1, angle = 0, exponent } of stars) {
    // of a Moffat star the scale of its radius
    const sigma = exponent ? fwhm / (2 * Math.sqrt(2 ** (1 / exponent) - 1)) : fwhm / 2.3548;
    const [major, minor] = [sigma * Math.sqrt(stretch), sigma / Math.sqrt(stretch)];
    const reach = Math.ceil((exponent ? 12 : 5) * major);
    for (let j = Math.round(y) - 1 - reach; j <= y + reach; j++) {
      for (let i = Math.round(x) - 1 - reach; i <= x + reach; i++) {
        if (i < 0 || j < 0 || i >= width || j >= height) continue;
        const [dx, dy] = [i + 1 - x, j + 1 - y];
        const u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / major;
        const v = (-dx * Math.sin(angle) + dy * Math.cos(angle)) / minor;
        const share = profile(u * u + v * v, exponent) / (Math.PI * major * minor);
        data[j * width + i] += flux[channelAt(i, j)] * share;
      }
    }
  }
  if (saturation !== undefined) for (let k = 0; k < data.length; k++) data[k] = Math.min(data[k], saturation);
  options.spoil?.(data);
  const { grid } = measureBackground([data], { width, height, channels: cfa ? 3 : 1, cfa, unit: 0 });
  return { width, height, planes: [data], cfa, grid, saturation };
}

/** Light at a squared radius in units of the star's, pi of it in all. */
function profile(squared: number, exponent?: number): number {
  if (exponent === undefined) return 0.5 * Math.exp(-0.5 * squared);
  return (exponent - 1) * (1 + squared) ** -exponent;
}

/** Stars on a jittered lattice `step` pixels apart. */
export function scatteredStars(
  width: number,
  height: number,
  step: number,
  star: (random: () => number) => Omit<DrawnStar, 'x' | 'y'>,
): DrawnStar[] {
  const random = randomNumbers(7);
  const stars: DrawnStar[] = [];
  for (let y = step; y < height - step / 2; y += step) {
    for (let x = step; x < width - step / 2; x += step) {
      stars.push({ ...star(random), x: x + 4 * (random() - 0.5), y: y + 4 * (random() - 0.5) });
    }
  }
  return stars;
}
