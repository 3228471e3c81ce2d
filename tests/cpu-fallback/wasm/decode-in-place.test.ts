// Float32 samples decoded where they were uploaded: the same values as in a place of their own.
import { describe, expect, it } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../../src/compute/contracts/decode.js';
import { fuseSteps } from '../../../src/cpu-fallback/wasm/fuse-steps.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { seededRandom } from '../../helpers/kernel-runs.js';
import { alloc, f32, free, opened } from './open-backends.js';

const [WIDTH, HEIGHT] = [101, 67];
const SIZE = WIDTH * HEIGHT;

/** Big-endian bytes of samples, some of which are none. */
function stored(): Uint8Array {
  const random = seededRandom(5);
  const view = new DataView(new ArrayBuffer(4 * SIZE));
  for (let k = 0; k < SIZE; k++) {
    const part = random();
    const value = part < 0.01 ? NaN : part < 0.02 ? -Infinity : part < 0.03 ? 3e38 : 1000 * random();
    view.setFloat32(4 * k, value);
  }
  return new Uint8Array(view.buffer);
}

interface Shape {
  readonly sampleType: number;
  readonly rowSamples: number;
  readonly firstSample: number;
  /** Of the image. */
  readonly length: number;
}

const WHOLE: Shape = { sampleType: SAMPLE_F32, rowSamples: WIDTH, firstSample: 0, length: SIZE };

/** Uploads, decodes and reads; what is `read` of the samples stands before they are freed. */
function decodes(image: Handle, shape: Shape, read = false, late = false): Op[] {
  const raw: Handle = { label: 'raw', element: 'u32', length: SIZE };
  const looks: Op[] = read ? [{ op: 'read', handle: raw, length: 1 }] : [];
  const { sampleType, rowSamples, firstSample } = shape;
  const width = WIDTH - (rowSamples > WIDTH ? 0 : firstSample);
  const size = { width, height: HEIGHT, rowSamples, firstSample };
  const params = { ...size, sampleType, hasBlank: 0, blank: 0, scale: 1.5, zero: -3 };
  return [
    ...(late ? [alloc(raw), alloc(image)] : [alloc(image), alloc(raw)]),
    { op: 'upload', handle: raw, data: stored() },
    { op: 'kernel', stem: 'decode', params, buffers: { raw, image } },
    ...looks,
    free(raw),
    { op: 'read', handle: image },
    free(image),
  ];
}

const allocated = (ops: readonly Op[]) =>
  fuseSteps(ops).flatMap((op) => (op.op === 'alloc' ? [op.handle.label] : []));

describe('samples of a file', () => {
  it.each([false, true])('are decoded where they are, image after them: %s', async (late) => {
    const backend = opened(await createWasmBackend({ threads: 2 }));
    const image = f32('image', SIZE);
    const ops = decodes(image, WHOLE, false, late);
    expect(allocated(ops)).toEqual(['image']);
    const apart = decodes(f32('other', SIZE), WHOLE, true, late);
    expect(allocated(apart).length).toBe(2);
    const [own, other] = [
      (await backend.submit({ label: 'own', ops })).reads[0],
      (await backend.submit({ label: 'apart', ops: apart })).reads[1],
    ];
    expect(Buffer.compare(Buffer.from(own.buffer), Buffer.from(other.buffer))).toBe(0);
    expect(new Set(own).size).toBeGreaterThan(SIZE / 2);
    expect(backend.resident().handles).toBe(0);
  });

  it.each<[string, Partial<Shape>]>([
    ['of another size', { sampleType: SAMPLE_I16 }],
    ['of which some are left out', { rowSamples: WIDTH, firstSample: 1 }],
    ['for an image of another length', { length: SIZE + 1 }],
  ])('%s have a place of their own', (_, other) => {
    const shape = { ...WHOLE, ...other };
    expect(allocated(decodes(f32('image', shape.length), shape)).sort()).toEqual(['image', 'raw']);
  });

  it('have one where something stands in the image before', () => {
    const image = f32('image', SIZE);
    const [first, ...rest] = decodes(image, WHOLE);
    const data = new Float32Array(SIZE);
    expect(allocated([first, { op: 'upload', handle: image, data }, ...rest]).length).toBe(2);
  });
});
