// The stretch of a picture: its colours by its stars and its darkest places, then the curve.
import { someTurn, type PictureRows } from './picture-rows.js';
import { neutralSky } from './sky-colour.js';
import { MAX_SAMPLE, skyLevel, sortedSample } from './sky-statistics.js';
import { starGains } from './star-balance.js';
import { MAX_LIGHTS, stretchOf, type Stretch, type StretchOptions } from './stretch.js';

/** Chooses the stretch of an image. One without one valid pixel gets a stretch that shows black. */
export async function planStretch(image: PictureRows, options: StretchOptions = {}): Promise<Stretch> {
  const samples = Array.from({ length: image.planes }, () => thinned(image, MAX_SAMPLE));
  const lights = Array.from({ length: image.planes }, () => thinned(image, MAX_LIGHTS));
  for (const [plane, sample] of samples.entries()) {
    await someTurn(image, plane, (values, y0) => {
      sample.take(values, y0 * image.nx);
      lights[plane].take(values, y0 * image.nx);
    });
  }
  const levels = samples.map(({ kept }) => skyLevel(sortedSample(kept)));
  const gains = options.starBalance === false ? levels.map(() => 1) : await starGains(image, levels);
  const sky = options.sky ?? (await neutralSky(image, levels));
  const shown = { nx: lights[0].kept.length, ny: 1, planes: lights.map(({ kept }) => kept) };
  return stretchOf(shown, { sky, gains }, options);
}

/** Up to `most` pixels of a plane at a regular step. */
function thinned({ nx, ny }: Pick<PictureRows, 'nx' | 'ny'>, most: number) {
  const step = Math.max(1, Math.ceil((nx * ny) / most));
  const kept = new Float32Array(Math.ceil((nx * ny) / step));
  return {
    kept,
    /** `values` begin with pixel `from`. */
    take(values: Float32Array, from: number): void {
      let n = Math.ceil(from / step);
      for (let at = n * step - from; at < values.length; at += step) kept[n++] = values[at];
    },
  };
}
