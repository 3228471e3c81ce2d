// Work that is cut into tiles and boxes gives what the reference gives of the whole, seams and rims included.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import type { KernelStem } from '../../../src/compute/contracts/index.js';
import { lanczosTable } from '../../../src/compute/contracts/warp.js';
import { createGpujsBackend } from '../../../src/cpu-fallback/gpujs/gpujs-backend.js';
import { STACK_PIXELS } from '../../../src/cpu-fallback/gpujs/stack-code.js';
import { CHUNK, cutBox, pasteTile, TILE } from '../../../src/cpu-fallback/gpujs/tiles.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose, LINEAR } from '../../helpers/expect-arrays.js';
import {
  type Arrays,
  cellBlocks,
  paint,
  runKernel,
  seededNormal,
  seededRandom,
} from '../../helpers/kernel-runs.js';

const reference = createReferenceBackend();
let gpujs: ComputeBackend;
beforeAll(async () => {
  gpujs = await createGpujsBackend();
});
afterAll(() => Promise.all([gpujs.close(), reference.close()]));

/** Noise about 1000 with a blank here and there. */
function noise(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const normal = seededNormal(seed + 1);
  return Float32Array.from({ length }, () => (random() < 0.01 ? BLANK_VALUE : 1000 + 20 * normal()));
}

async function expectParity(
  stem: KernelStem,
  params: Record<string, number>,
  inputs: Arrays,
  share = 0,
): Promise<Arrays> {
  const expected = await runKernel(reference, stem, params, inputs);
  const actual = await runKernel(gpujs, stem, params, inputs);
  for (const [name, values] of Object.entries(expected)) {
    expectClose(actual[name], values, { relative: LINEAR, scale: 1000, share });
  }
  return actual;
}

describe('seams', () => {
  // Three tiles along each axis, the last of them one pixel wide and two pixels high.
  const [width, height] = [2 * TILE + 1, 2 * TILE + 2];
  const site = { width, height, originX: 3, originY: 2 };

  it('of image tiles do not show', async () => {
    const cfa = noise(width * height, 1);
    for (const stem of ['demosaic-bilinear', 'demosaic-edge-aware'] as const) {
      await expectParity(stem, { ...site, pattern: 0b10_01_01_00 }, { cfa });
    }
    const thresholds = { threshold00: 30, threshold01: 40, threshold10: 50, threshold11: 60 };
    for (const step of [1, 2]) {
      const fixed = await expectParity(
        'fix-hot-pixels',
        { ...site, ...thresholds, step, isolation: 0.25, blanks: 0 },
        { image: cfa },
        1e-5,
      );
      expect(fixed.fixed).not.toEqual(cfa);
    }
  });

  it('of runs of pixels do not show', async () => {
    const pixels = CHUNK + 3;
    const inputs = {
      cube: noise(2 * 2 * pixels, 2),
      frame_weights: Float32Array.of(1, 2, 3, 4),
      sum: new Float32Array(2 * pixels).fill(7),
      weight: new Float32Array(2 * pixels).fill(1),
      used: new Uint32Array(2 * pixels).fill(1),
    };
    await expectParity('coadd-accumulate', { pixels, planes: 2, slots: 2, slot: 1 }, inputs);
    const [sum, weight] = [noise(2 * pixels, 3), noise(2 * pixels, 4)];
    await expectParity('coadd-normalise', { pixels, planes: 2 }, { sum, weight });
  });

  it('of stacks do not show, with more slots than any sorting network would hold', async () => {
    const [pixels, planes, slots] = [STACK_PIXELS + 5, 2, 200];
    const inputs = {
      cube: noise(pixels * planes * slots, 5),
      frame_weights: Float32Array.from({ length: planes * slots }, (_, k) => 1 + (k % 3)),
    };
    const shape = { pixels, planes, slots };
    const clip = { ...shape, kappaLow: 2.5, kappaHigh: 3, maxIterations: 5, combine: 0 };
    await expectParity('stack-mean', shape, inputs);
    await expectParity('stack-median', shape, inputs);
    await expectParity('stack-kappa-sigma', clip, inputs, 1e-4);
    await expectParity('stack-winsorised', { ...clip, combine: 1 }, inputs, 1e-4);
  });
});

describe('boxes of the warp', () => {
  const [cellWidth, cellHeight] = [200, 140];
  const frame = { frameWidth: 900, frameHeight: 700 };
  const rest = { cellWidth, cellHeight, ...frame, planes: 2, slot: 1, slots: 2, clampThreshold: 0.3 };
  const centre = { centreX: 450, centreY: 350, invScale: 1 / 450 };
  const levels = Float32Array.from({ length: 14 }, (_, k) => (k % 7 === 0 ? 1.5 : (k % 5) - 2));

  const cases = {
    'rotated, half off the window': { scale: 1, angle: 0.6, at: [180, 90] },
    'three frame pixels to one of the cell': { scale: 3, angle: 0.1, at: [450, 350] },
    'nowhere near the window': { scale: 1, angle: 0, at: [5000, -4000] },
    'at the corner of the frame': { scale: 0.7, angle: -0.3, at: [880, 690] },
  };
  for (const [name, { scale, angle, at }] of Object.entries(cases)) {
    it(`hold every tap: ${name}`, async () => {
      const [c, s] = [scale * Math.cos(angle), scale * Math.sin(angle)];
      const map = cellBlocks(cellWidth, cellHeight, (x, y) => [
        at[0] + c * (x - cellWidth / 2) - s * (y - cellHeight / 2),
        at[1] + s * (x - cellWidth / 2) + c * (y - cellHeight / 2),
      ]);
      const window =
        at[0] > 800
          ? { windowX: 0, windowY: 0, windowWidth: 900, windowHeight: 700 }
          : { windowX: 150, windowY: 50, windowWidth: 333, windowHeight: 222 };
      const planes = noise(2 * window.windowWidth * window.windowHeight, 6);
      for (const kernel of [0, 1, 2]) {
        const params = { ...rest, ...window, ...centre, kernel };
        // Nearest may round the other way where a fraction is one half, the clamp decide the other way on its edge.
        await expectParity('warp', params, { planes, map, levels, lanczos: lanczosTable() }, 2e-4);
      }
    });
  }
});

describe('cutting and pasting', () => {
  const plane = { data: paint(5, 4, (x, y) => 10 * y + x), start: 0, width: 5, height: 4 };
  const B = BLANK_VALUE;

  it('fills what lies outside with blanks, whole boxes included', () => {
    const cut = (x: number, y: number) => [
      ...cutBox(plane, { x, y, width: 3, height: 2 }, new Float32Array(6)),
    ];
    expect(cut(1, 1)).toEqual([11, 12, 13, 21, 22, 23]);
    expect(cut(-2, -1)).toEqual([B, B, B, B, B, 0]);
    expect(cut(4, 3)).toEqual([34, B, B, B, B, B]);
    expect(cut(-7, 1)).toEqual([B, B, B, B, B, B]);
    expect(cut(9, 1)).toEqual([B, B, B, B, B, B]);
  });

  it('pastes what lies inside only', () => {
    const data = new Float32Array(21);
    pasteTile([Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)], { ...plane, data, start: 1 }, 3, 3);
    expect([...data.subarray(16)]).toEqual([0, 0, 0, 1, 2]);
  });
});

it('runs alike every time', async () => {
  const cube = noise(300 * 20, 8);
  const params = {
    pixels: 300,
    planes: 1,
    slots: 20,
    kappaLow: 2,
    kappaHigh: 2,
    maxIterations: 4,
    combine: 0,
  };
  const inputs = { cube, frame_weights: new Float32Array(20).fill(1) };
  const first = await runKernel(gpujs, 'stack-winsorised', params, inputs);
  expect(await runKernel(gpujs, 'stack-winsorised', params, inputs)).toEqual(first);
});
