import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { spoiltStars, type ScaledStars } from '../../../src/photometry/gains/spoilt-stars.js';

const STARS = 300;
const SIGMA = 60;
/** ADU of variance per ADU of light. */
const PHOTONS = 13;

/** Frames of one field through air of transparencies `t`, stars of 1000 ADU to 60,000; `extra` is light that lies on a star in one frame. */
function frames(t: readonly number[], extra: readonly { frame: number; star: number; light: number }[]) {
  const random = randomStream(5);
  return t.map((through, f): ScaledStars => {
    const flux = Float32Array.from({ length: STARS }, (_, s) => {
      const light = through * 1000 * 60 ** (s / STARS);
      const more = extra.filter(({ frame, star }) => frame === f && star === s);
      const sum = more.reduce((all, { light: of }) => all + of, light);
      return sum + Math.sqrt(SIGMA ** 2 + PHOTONS * sum) * random.normal();
    });
    return { star: Int32Array.from(flux, (_, s) => s), flux, sigma: SIGMA, gain: 1 / through };
  });
}

describe('stars that a frame shows too bright', () => {
  it('are those that a trail lies on, bright and faint; clouds and noise make none', () => {
    const spoilt = spoiltStars(
      frames(
        [1, 0.9, 0.3, 0.8, 1],
        [
          { frame: 1, star: 20, light: 3000 },
          { frame: 1, star: 280, light: 12000 },
          { frame: 2, star: 150, light: 6000 },
        ],
      ),
    );
    expect(spoilt).toEqual([[], [20, 280], [150], [], []]);
  });

  it('lose no light where a frame shows them too faint', () => {
    expect(spoiltStars(frames([1, 1, 1, 1], [{ frame: 0, star: 290, light: -30000 }]))).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('are none where only two frames show them, or half of the frames show them bright', () => {
    expect(spoiltStars(frames([1, 1], [{ frame: 0, star: 200, light: 40000 }]))).toEqual([[], []]);
    // one of them twice, from two peaks of it
    const pair = frames([1, 1], [{ frame: 0, star: 200, light: 40000 }]);
    const doubled = pair.map(({ star, flux, ...of }, f) =>
      f === 0
        ? { star, flux, ...of }
        : { star: Int32Array.of(...star, 200), flux: Float32Array.of(...flux, flux[200]), ...of },
    );
    expect(spoiltStars(doubled)).toEqual([[], []]);
    const twice = [0, 1].map((frame) => ({ frame, star: 200, light: 40000 }));
    expect(spoiltStars(frames([1, 1, 1, 1], twice))).toEqual([[], [], [], []]);
  });

  it('are judged by how the stars scatter where that is more than noise', () => {
    const restless = frames([1, 1, 1, 1, 1], [{ frame: 3, star: 250, light: 9000 }]);
    const random = randomStream(9);
    for (const { flux } of restless) flux.forEach((of, s) => (flux[s] = of * (1 + 0.1 * random.normal())));
    expect(spoiltStars(restless).flat()).toEqual([]);
  });
});
