// Statements about coadd-radial that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { radialTable } from '../../../src/compute/contracts/coadd-radial.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import {
  cellBlocks,
  type Geometry,
  runKernel,
  seededRandom,
  translation,
} from '../../helpers/kernel-runs.js';

const stem = 'coadd-radial';
const SHAPE = { featherFraction: 0.8, power: 2, floor: 0.05 };

const params = (width: number, height: number, planes: number, slot = 0, slots = 1) => ({
  width,
  height,
  planes,
  slots,
  slot,
  centreX: 60,
  centreY: 30,
  invRadius: 1 / 50,
});

/** A row across the middle of a frame whose half diagonal is 50 px: the cosine itself, its floor, and what a blank leaves. */
export async function checkWeightsByDistance(backend: ComputeBackend): Promise<void> {
  const [width, height] = [130, 1];
  const distances = Array.from({ length: width }, (_, x) => Math.abs(x - 60));
  const expected = distances.map((d) =>
    Math.max(0.05, Math.cos((Math.PI / 2) * Math.min(1, d / 50 / 0.8)) ** 2),
  );
  const blank = 7;
  expected[blank] = 0;
  const result = await runKernel(backend, stem, params(width, height, 1), {
    cube: Float32Array.from({ length: width }, (_, x) => (x === blank ? BLANK_VALUE : 1000 + x)),
    frame_weights: Float32Array.of(3),
    map: cellBlocks(width, height, translation(0, 30)),
    radial: radialTable(SHAPE),
    mean: new Float32Array(width).fill(1000),
    weight: new Float32Array(width).fill(1),
  });
  expectClose(
    result.weight,
    expected.map((r) => 1 + 3 * r),
    { relative: 1e-5 },
  );
  expectClose(
    result.square,
    expected.map((r) => 3 * r * r),
    { relative: 1e-5, scale: 1 },
  );
  expectClose(
    result.sum,
    expected.map((r, x) => 3 * r * x),
    { relative: 1e-5, scale: 100 },
  );
}

/** Between two entries of the table the weight is the line between them. */
export async function checkGoesBetweenTheEntries(backend: ComputeBackend): Promise<void> {
  const radial = Float32Array.from({ length: radialTable(SHAPE).length }, (_, k) => (k % 2 === 0 ? 1 : 3));
  const result = await runKernel(
    backend,
    stem,
    { ...params(1, 1, 1), centreX: 0, centreY: 0, invRadius: 1 / 1024 },
    {
      cube: Float32Array.of(1),
      frame_weights: Float32Array.of(1),
      map: cellBlocks(1, 1, translation(30, 40.234375)),
      radial,
      mean: Float32Array.of(0),
    },
  );
  const distance = Math.hypot(30, 40.234375);
  const rest = distance - Math.floor(distance);
  expectClose(result.weight, [1 + 2 * rest], { relative: 1e-4 });
}

/** Planes, blocks, a turned and bent map, a slot of several. */
export async function checkParity(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(8);
  const [width, height, planes, slots] = [71, 67, 3, 2];
  const size = planes * width * height;
  const geometry: Geometry = (x, y) => [20 + 0.9 * x - 0.2 * y + 1e-4 * x * x, 5 + 0.25 * x + 0.8 * y];
  const values = (length: number, scale: number) =>
    Float32Array.from({ length }, () => (random() < 0.05 ? BLANK_VALUE : scale * random()));
  const inputs = {
    cube: values(slots * size, 2000),
    frame_weights: Float32Array.from({ length: slots * planes }, () => 0.5 + random()),
    map: cellBlocks(width, height, geometry),
    radial: radialTable(SHAPE),
    mean: Float32Array.from({ length: size }, () => 900 + 100 * random()),
    sum: Float32Array.from({ length: size }, random),
    weight: Float32Array.from({ length: size }, random),
    square: Float32Array.from({ length: size }, random),
  };
  const p = params(width, height, planes, 1, slots);
  const actual = await runKernel(backend, stem, p, inputs);
  const expected = await runKernel(createReferenceBackend(), stem, p, inputs);
  expectClose(actual.weight, expected.weight, { relative: 1e-5 });
  expectClose(actual.square, expected.square, { relative: 1e-5 });
  expectClose(actual.sum, expected.sum, { relative: 1e-5, scale: 1000 });
}
