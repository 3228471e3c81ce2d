import { expect, test } from 'vitest';
import { forStarPixels } from '../../src/demo/moffat.js';

const psf = { fwhmPx: 2.5, axisRatio: 0.8, angleDeg: 30 };
const [nx, ny] = [161, 161];

function image(x: number, y: number, shape = psf, limit = 1e-9): Float64Array {
  const out = new Float64Array(nx * ny);
  forStarPixels({ x, y, flux: 1 }, shape, { nx, ny, limit }, (px, py, share) => (out[py * nx + px] += share));
  return out;
}

test('nearly all the flux is inside a wide frame', () => {
  const total = image(81.3, 80.6).reduce((sum, v) => sum + v, 0);
  // Outside radius r a Moffat of beta 3 leaves (1 + r^2/a^2)^-2 of its flux: 1e-6 here.
  expect(total).toBeGreaterThan(0.9995);
  expect(total).toBeLessThan(1.0005);
});

test('the centroid is the FITS 1-based position', () => {
  const out = image(81.3, 80.6);
  let [sum, sx, sy] = [0, 0, 0];
  out.forEach((v, i) => {
    sum += v;
    sx += v * ((i % nx) + 1);
    sy += v * (Math.floor(i / nx) + 1);
  });
  expect(sx / sum).toBeCloseTo(81.3, 3);
  expect(sy / sum).toBeCloseTo(80.6, 3);
});

test('pixels are integrals over their area', () => {
  // 101 x 101 samples a pixel of the same profile, normalised over the plane.
  const core = psf.fwhmPx / (2 * Math.sqrt(2 ** (1 / 3) - 1));
  const [major, minor] = [core / Math.sqrt(0.8), core * Math.sqrt(0.8)];
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const out = image(81.3, 80.6);
  for (const [px, py] of [
    [81, 81],
    [82, 80],
    [84, 83],
    [78, 79],
  ]) {
    let sum = 0;
    for (let j = 0; j < 101; j++) {
      for (let i = 0; i < 101; i++) {
        const dx = px + (i - 50) / 101 - 81.3;
        const dy = py + (j - 50) / 101 - 80.6;
        const t = 1 + ((c * dx + s * dy) / major) ** 2 + ((c * dy - s * dx) / minor) ** 2;
        sum += 2 / (Math.PI * major * minor * t ** 3) / 101 ** 2;
      }
    }
    expect(Math.abs(out[(py - 1) * nx + px - 1] / sum - 1)).toBeLessThan(2e-3);
  }
});

test('half the peak stands at half the FWHM', () => {
  const round = { fwhmPx: 24, axisRatio: 1, angleDeg: 0 };
  const out = image(81, 81, round);
  expect(out[80 * nx + 92] / out[80 * nx + 80]).toBeCloseTo(0.5, 2);
});

test('a star beyond the border gives what falls inside', () => {
  const out = image(-1, 80);
  expect(out[79 * nx]).toBeGreaterThan(0);
  expect(out.every(Number.isFinite)).toBe(true);
});
