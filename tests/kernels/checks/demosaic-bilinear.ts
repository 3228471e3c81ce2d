// Statements about demosaic-bilinear that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import * as common from './demosaic.js';

const stem = 'demosaic-bilinear';

export const checkRampIsExact = (b: ComputeBackend) => common.rampIsExact(b, stem);
export const checkConstantStaysConstantToTheBorder = (b: ComputeBackend) =>
  common.constantStaysConstantToTheBorder(b, stem);
export const checkAllBlankStaysBlank = (b: ComputeBackend) => common.allBlankStaysBlank(b, stem);
export const checkSmallestImages = (b: ComputeBackend) => common.smallestImages(b, stem);
export const checkParityOnRandomWithBlanks = (b: ComputeBackend) => common.parityOnRandomWithBlanks(b, stem);

/** Slopes that differ by colour are no obstacle to means of opposite neighbours. */
export async function checkRampsOfEachColourAreExact(backend: ComputeBackend): Promise<void> {
  const scene = (c: number, x: number, y: number) => 500 + [3, -5, 11][c] * x + [2, 7, -4][c] * y;
  for (const m of common.shapes) {
    common.expectScene(await common.demosaic(backend, stem, m, common.mosaicOf(m, scene)), m, 1, scene);
  }
}

/** 3x3 RGGB by hand, with a blank green at (1, 0). */
export async function checkHandComputedCorner(backend: ComputeBackend): Promise<void> {
  const m = { width: 3, height: 3, originX: 0, originY: 0, pattern: common.PATTERNS.RGGB };
  const cfa = Float32Array.of(10, BLANK_VALUE, 20, 4, 50, 8, 30, 12, 40);
  const planes = await common.demosaic(backend, stem, m, cfa);
  const red = [10, 15, 20, 20, 25, 30, 30, 35, 40];
  const green = [4, BLANK_VALUE, 8, 4, 8, 8, 8, 12, 10];
  const blue = [50, 50, 50, 50, 50, 50, 50, 50, 50];
  expectClose(planes, [...red, ...green, ...blue], { relative: 1e-7 });
}
