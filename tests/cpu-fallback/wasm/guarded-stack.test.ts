// Median, guard and stack done as one are what they are one after the other, to the bit; and they are done as one only where nobody can tell.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend, Handle, Op } from '../../../src/compute/backend.js';
import { fuseSteps } from '../../../src/cpu-fallback/wasm/fuse-steps.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { GUARDED_SAMPLES } from '../../../src/pipeline/integrate/programs/guard-program.js';
import type { StackSettings } from '../../../src/pipeline/integrate/programs/stack-program.js';
import { makeCube, programFor, samples, SETTINGS, type Shape } from '../../helpers/guarded-cube.js';

describe('on a backend', () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads: 2 });
  });
  afterAll(() => backend.close());

  /** The reads of the program, and how often a kernel ran by itself. */
  async function run(ops: readonly Op[], cube: Handle, data: Float32Array, apart: boolean) {
    await backend.submit({
      label: 'cube',
      ops: [
        { op: 'alloc', handle: cube },
        { op: 'upload', handle: cube, data },
      ],
    });
    backend.takeProfile();
    const submits = apart ? ops.map((op) => [op]) : [ops];
    const reads: Uint8Array[] = [];
    for (const part of submits) {
      const result = await backend.submit({ label: 'stack', ops: part });
      reads.push(...result.reads.map(({ buffer }) => new Uint8Array(buffer.slice(0))));
    }
    const calls = new Map(backend.takeProfile().map(({ stem, calls }) => [stem, calls]));
    return { reads, guards: calls.get('guard-few') ?? 0, resident: backend.resident().handles };
  }

  const shapes: Shape[] = [
    { width: 150, height: 70, planes: 2, slots: 6 },
    { width: 64, height: 33, planes: 1, slots: 13 },
    { width: 67, height: 65, planes: 1, slots: GUARDED_SAMPLES + 9 },
    { width: 131, height: 66, planes: 1, slots: 2 },
    { width: 5, height: 3, planes: 3, slots: 3 },
  ];
  const variants: Partial<StackSettings>[] = [
    {},
    { rejection: 'winsorized_sigma_clip', combine: 'median' } as Partial<StackSettings>,
    { mapsRejected: false },
  ];
  for (const shape of shapes) {
    for (const variant of variants) {
      it(`gives the same bytes: ${JSON.stringify(shape)} ${JSON.stringify(variant)}`, async () => {
        const settings = { ...SETTINGS, ...variant } as StackSettings;
        const data = samples(shape);
        const results = [];
        for (const apart of [false, true]) {
          const cube = makeCube(shape);
          results.push(await run(programFor(shape, settings, cube), cube, data, apart));
        }
        const [together, oneByOne] = results;
        expect(together.guards).toBe(0);
        expect(oneByOne.guards).toBe(shape.slots);
        expect(together.resident).toBe(0);
        expect(together.reads).toHaveLength(7);
        for (const [i, read] of together.reads.entries())
          expect(Buffer.compare(read, oneByOne.reads[i]), `read ${i}`).toBe(0);
        // Of few samples the stack rejects none.
        const counts = together.reads.slice(shape.slots > 9 ? 3 : 5);
        if (shape.slots > 3) for (const count of counts) expect(count.some((n) => n > 0)).toBe(true);
      });
    }
  }
});

describe('recognises', () => {
  const shape = { width: 64, height: 64, planes: 1, slots: 3 };
  const cube = makeCube(shape);
  const ops = programFor(shape, SETTINGS, cube);
  const isFused = (program: readonly Op[]) =>
    fuseSteps(program).some((op) => op.op === 'kernel' && op.stem === 'guarded-stack');
  const find = (stem: string) => ops.findIndex((op) => op.op === 'kernel' && op.stem === stem);
  const median = ops[find('stack-median')] as Extract<Op, { op: 'kernel' }>;
  const inserted = (at: number, op: Op) => [...ops.slice(0, at), op, ...ops.slice(at)];

  it('the program of a cell', () => {
    expect(isFused(ops)).toBe(true);
    const handles = new Set(fuseSteps(ops).flatMap((op) => (op.op === 'alloc' ? [op.handle] : [])));
    for (const role of ['mean', 'weight', 'used']) expect(handles.has(median.buffers[role])).toBe(false);
  });

  it('that nobody wants maps of rejected samples', () => {
    const summed = programFor(shape, { ...SETTINGS, mapsRejected: false }, makeCube(shape));
    const lengths = (program: readonly Op[]) =>
      fuseSteps(program).flatMap((op) =>
        op.op === 'alloc' && op.handle.label.includes('rejected') ? [op.handle.length] : [],
      );
    const pixels = shape.width * shape.height * shape.planes;
    expect(lengths(summed)).toEqual([2, 2, 2, 2]);
    expect(lengths(ops)).toEqual(new Array(4).fill(pixels));
    const kept = summed.filter((op) => !(op.op === 'free' && op.handle.label === 'guard rejected low'));
    expect(lengths(kept)).toEqual(new Array(4).fill(pixels));
    const part = summed.map((op) => (op.op === 'read' && op.sum ? { ...op, length: 1 } : op));
    expect(lengths(part)).toEqual(new Array(4).fill(pixels));
  });

  it.each<[string, readonly Op[]]>([
    ['a cube that is kept', ops.filter((op) => !(op.op === 'free' && op.handle === cube))],
    ['a cube that is read', inserted(find('stack-kappa-sigma') + 1, { op: 'read', handle: cube })],
    [
      'medians that are read',
      inserted(find('guard-few') + shape.slots, { op: 'read', handle: median.buffers.mean }),
    ],
    ['a slot that is not guarded', ops.filter((_, i) => i !== find('guard-few') + 1)],
    [
      'a first slot that is not blank',
      ops.map((op) =>
        op.op === 'upload' && op.handle === cube ? { ...op, data: new Float32Array(64) } : op,
      ),
    ],
    [
      'counts that change between',
      inserted(find('stack-kappa-sigma'), {
        op: 'upload',
        handle: median.buffers.rejected_low,
        data: new Uint32Array(1),
      }),
    ],
  ])('not %s', (_, program) => expect(isFused(program)).toBe(false));
});
