// A cell's cube that has everything the guard and the stack know, and the program that guards and stacks it.
import type { Handle, Op } from '../../src/compute/backend.js';
import { BLANK_VALUE } from '../../src/compute/constants.js';
import { stackProgram, type StackSettings } from '../../src/pipeline/integrate/programs/stack-program.js';
import { seededRandom } from './kernel-runs.js';

export const SETTINGS: StackSettings = {
  rejection: 'kappa_sigma',
  combine: 'mean',
  kappaLow: 2.5,
  kappaHigh: 2,
  guardsFew: true,
  guardSlope: 0.3,
  pairSlope: 0.9,
  trailReach: 0,
  mapsRejected: true,
};

export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly slots: number;
}

export const makeCube = ({ width, height, planes, slots }: Shape): Handle => ({
  label: 'cube',
  element: 'f32',
  length: width * height * planes * (slots + 1),
});

/**
 * Frames that end within the cell, stars that are not the same in all of them, and outliers, some in groups; every third frame has a sample everywhere. The
 * spare slot comes first.
 */
export function samples({ width, height, planes, slots }: Shape): Float32Array {
  const random = seededRandom(7);
  const noise = () => random() + random() + random() - 1.5;
  const cube = new Float32Array(width * height * planes * (slots + 1)).fill(7);
  let at = width * height * planes;
  for (let slot = 0; slot < slots; slot++) {
    const edge = slot % 3 === 0 ? width : Math.floor(random() * width);
    for (let plane = 0; plane < planes; plane++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, at++) {
          const star = 30 * Math.exp(-(((x - 31) / 2) ** 2) - ((y - 40 - 0.2 * slot) / 2) ** 2);
          const streak = slot % 4 === 3 && Math.abs(x - y) < 2 ? 1.2 : 0;
          const hit = random() < 0.01 ? 20 * noise() : 0;
          const covered = slot % 3 === 0 || (slot % 5 === 4 ? y < 20 : slot % 2 ? x < edge : x >= edge);
          cube[at] =
            covered && (random() > 0.01 || slot % 3 === 0)
              ? 100 + noise() + star + streak + hit
              : BLANK_VALUE;
        }
      }
    }
  }
  return cube;
}

export function programFor(shape: Shape, settings: StackSettings, cube: Handle): Op[] {
  const count = shape.planes * shape.slots;
  const weights = Float32Array.from({ length: count }, (_, i) => 1 + (i % 5) / 4);
  const inverseVariances = Float32Array.from({ length: count }, (_, i) => 4 / (1 + 9 * (i % 3)));
  return stackProgram(cube, shape, { weights, inverseVariances }, settings);
}
