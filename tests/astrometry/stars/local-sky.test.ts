// The sky under a star is told by the samples about it.
import { describe, expect, it } from 'vitest';
import { detectStars } from '../../../src/astrometry/stars/detect-stars.js';
import { localSky } from '../../../src/astrometry/stars/local-sky.js';
import type { CfaSites } from '../../../src/photometry/background/background-mesh.js';
import { measureBackground } from '../../photometry/background/measure-background.js';
import { drawFrame } from './draw-frame.js';

const RGGB: CfaSites = [0, 1, 1, 2];
const SIDE = 48;
const RADIUS = 4;

/** What becomes of a mesh that says 100 in all channels, samples having a noise of 5. */
function skyOf(value: (x: number, y: number) => number, cfa?: CfaSites): number[] {
  const data = Float32Array.from({ length: SIDE * SIDE }, (_, k) => value(k % SIDE, Math.floor(k / SIDE)));
  const size = { width: SIDE, height: SIDE };
  const { grid } = measureBackground([data], { ...size, channels: cfa ? 3 : 1, cfa, unit: 0 });
  const sky = grid.level.map(() => 100);
  localSky(
    { ...size, planes: [data], cfa, grid },
    24.2,
    23.7,
    RADIUS,
    sky,
    sky.map(() => 5),
  );
  return sky;
}
const fromCentre = (x: number, y: number) => Math.hypot(x - 24.2, y - 23.7);

describe('the mean of the ring', () => {
  it('of each colour takes the place of the mesh, whatever lies in the aperture and beyond the ring', () => {
    const [red, green, blue] = skyOf((x, y) => {
      const radii = fromCentre(x, y) / RADIUS;
      return radii < 1.7 || radii > 3.55 ? 109 : [104, 98, 98, 93][2 * (y & 1) + (x & 1)];
    }, RGGB);
    expect([red, green, blue]).toEqual([104, 98, 93]);
  });

  it('is without the light of other stars, and without blanks', () => {
    const isOther = (x: number, y: number) => Math.hypot(x - 34, y - 24) < 3;
    const isBlank = (x: number, y: number) => y > 30 && x < 20;
    expect(skyOf((x, y) => (isOther(x, y) ? 119 : isBlank(x, y) ? NaN : 103))).toEqual([103]);
  });

  it('is not asked where most of the ring is no sky', () => {
    expect(skyOf((x, y) => 103 + 20 * ((x + y) % 5))).toEqual([100]);
    expect(skyOf((x, y) => 103 + 20 * (((x + y) % 5) >> 2))).toEqual([103]);
  });
});

it('a star on a narrow nebula shows its own light, wherever the cells of the mesh fall', () => {
  const fluxesOver = (nebula: number, moved: number) => {
    const star = { x: 200.3 + moved, y: 150.6, flux: [8000, 8000, 8000] as const };
    const others = Array.from({ length: 12 }, (_, k) => ({ ...star, x: 30 + 35 * k + moved, y: 40 }));
    const frame = drawFrame([star, ...others], {
      ...{ width: 512, height: 384, cfa: RGGB, noise: 3 },
      spoil: (data) => {
        for (let k = 0; k < data.length; k++) {
          const [dx, dy] = [(k % 512) - 185 - moved, Math.floor(k / 512) - 140];
          data[k] += nebula * Math.exp(-(dx * dx + dy * dy) / (2 * 25 ** 2));
        }
      },
    });
    const list = detectStars(frame);
    const at = [...list.x].findIndex((x, k) => Math.hypot(x - star.x, list.y[k] - star.y) < 1.5);
    return list.channelFlux.map((of) => of[at]);
  };
  for (const moved of [0, 32]) {
    // the noise of both is the same, and their places are of one pixel's phase
    const plain = fluxesOver(0, moved);
    // over the sky of the mesh: 7 to 9 % more
    fluxesOver(30, moved).forEach((flux, c) => expect(Math.abs(flux / plain[c] - 1)).toBeLessThan(0.02));
  }
});
