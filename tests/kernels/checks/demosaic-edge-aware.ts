// Statements about demosaic-edge-aware that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import * as common from './demosaic.js';

const stem = 'demosaic-edge-aware';

export const checkRampIsExact = (b: ComputeBackend) => common.rampIsExact(b, stem);
export const checkConstantStaysConstantToTheBorder = (b: ComputeBackend) =>
  common.constantStaysConstantToTheBorder(b, stem);
export const checkAllBlankStaysBlank = (b: ComputeBackend) => common.allBlankStaysBlank(b, stem);
export const checkSmallestImages = (b: ComputeBackend) => common.smallestImages(b, stem);
export const checkParityOnRandomWithBlanks = (b: ComputeBackend) => common.parityOnRandomWithBlanks(b, stem);

/** A grey step along an axis is smooth along the other: green is read along the edge, and colour differences are zero. */
export async function checkGreyStepsAreExact(backend: ComputeBackend): Promise<void> {
  const steps = [
    (_: number, x: number) => (x < 9 ? 100 : 900),
    (_: number, _x: number, y: number) => (y < 6 ? 100 : 900),
  ];
  for (const m of common.shapes) {
    for (const scene of steps) {
      const planes = await common.demosaic(backend, stem, m, common.mosaicOf(m, scene));
      common.expectScene(planes, m, 3, scene);
    }
  }
}

/** Green of a red site by hand, horizontally, vertically, on a tie, and with a blank among its samples. */
export async function checkHandComputedGreen(backend: ComputeBackend): Promise<void> {
  const m = { width: 5, height: 5, originX: 0, originY: 0, pattern: common.PATTERNS.RGGB };
  const centre = async (left: number, right: number, up: number, down: number, left2: number) => {
    const cfa = new Float32Array(25).fill(60);
    // Site (2, 2) is red: direct greens, and reds at distance 2.
    [cfa[11], cfa[13], cfa[7], cfa[17], cfa[10]] = [left, right, up, down, left2];
    cfa[12] = 80;
    return (await common.demosaic(backend, stem, m, cfa))[25 + 12];
  };
  const found = [
    // Row: |50-54| + |160-60-60| = 44 < |30-90| + 40; (50+54)/2 + 40/4.
    await centre(50, 54, 30, 90, 60),
    // Column: |50-90| + 40 > |30-34| + 40; (30+34)/2 + 40/4.
    await centre(50, 90, 30, 34, 60),
    // Tie: mean of 52+10 and 32+10.
    await centre(50, 54, 30, 34, 60),
    // The second difference of the row counts: |50-54| + |160-120-60| = 24 < 44; 52 - 5... with sign (160-180)/4.
    await centre(50, 54, 30, 34, 120),
    // A blank at distance 2: the bilinear mean of four.
    await centre(50, 54, 30, 34, BLANK_VALUE),
  ];
  expectClose(found, [62, 42, 52, 47, 42], { relative: 1e-7 });
}
