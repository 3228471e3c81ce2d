// The rules of the port: each broken one is named, and a refused program changes nothing.
import { describe, expect, it } from 'vitest';
import type { Handle, Op } from '../../src/compute/backend.js';
import { ProgramError, type ProgramRule, ProgramValidator } from '../../src/compute/validate-program.js';

const limits = { maxBufferBytes: 4096, maxResidentBytes: 1 << 20, onHost: true };
const f32 = (label: string, length: number): Handle => ({ label, element: 'f32', length });
const sum = f32('sum', 6);
const weight = f32('weight', 6);
const mean = f32('mean', 6);
const alloc = (...handles: Handle[]): Op[] => handles.map((handle) => ({ op: 'alloc', handle }));
const kernel = (
  buffers: Record<string, Handle> = { sum, weight, mean },
  params: Record<string, number> = { pixels: 3, planes: 2 },
): Op => ({ op: 'kernel', stem: 'coadd-normalise', params, buffers });
const all = alloc(sum, weight, mean);
const small = f32('small', 5);
const words: Handle = { label: 'words', element: 'u32', length: 6 };

const broken: [ProgramRule, string, Op[]][] = [
  ['handle_allocated_twice', 'in one program', alloc(sum, sum)],
  ['handle_not_allocated', 'read', [{ op: 'read', handle: sum }]],
  ['handle_not_allocated', 'bound', [...alloc(sum, weight), kernel()]],
  [
    'handle_freed',
    'read after free',
    [...alloc(sum), { op: 'free', handle: sum }, { op: 'read', handle: sum }],
  ],
  ['handle_freed', 'freed twice', [...alloc(sum), { op: 'free', handle: sum }, { op: 'free', handle: sum }]],
  ['handle_length', 'empty', alloc(f32('none', 0))],
  [
    'transfer_outside',
    'upload',
    [...alloc(sum), { op: 'upload', handle: sum, data: new Float32Array(4), offset: 3 }],
  ],
  ['transfer_outside', 'read', [...alloc(sum), { op: 'read', handle: sum, offset: 0, length: 7 }]],
  [
    'transfer_outside',
    'part of an element',
    [...alloc(sum), { op: 'upload', handle: sum, data: new Uint8Array(3) }],
  ],
  [
    'transfer_outside',
    'repeated too often',
    [...alloc(sum), { op: 'upload', handle: sum, data: new Float32Array(2), times: 4 }],
  ],
  [
    'transfer_times',
    'half',
    [...alloc(sum), { op: 'upload', handle: sum, data: new Float32Array(2), times: 0.5 }],
  ],
  ['sum_element', 'of f32', [...alloc(sum), { op: 'read', handle: sum, sum: true }]],
  ['role_missing', 'mean', [...all, kernel({ sum, weight })]],
  ['role_unknown', 'typing error', [...all, ...alloc(small), kernel({ sum, weight, mean, sums: small })]],
  ['role_element', 'u32 for f32', [...all, ...alloc(words), kernel({ sum: words, weight, mean })]],
  ['buffer_too_small', 'one short', [...all, ...alloc(small), kernel({ sum: small, weight, mean })]],
  ['buffer_shared', 'read and written', [...all, kernel({ sum, weight, mean: sum })]],
  ['parameter', 'missing', [...all, kernel(undefined, { pixels: 3 })]],
  ['parameter', 'negative u32', [...all, kernel(undefined, { pixels: -3, planes: 2 })]],
  ['parameter', 'fraction', [...all, kernel(undefined, { pixels: 1.5, planes: 2 })]],
  ['parameter', 'NaN', [...all, kernel(undefined, { pixels: NaN, planes: 2 })]],
];

describe('ProgramValidator', () => {
  for (const [rule, what, ops] of broken) {
    it(`names ${rule} (${what}) and takes nothing of the program`, () => {
      const validator = new ProgramValidator(limits);
      let found: unknown;
      try {
        validator.check({ label: 'broken', ops });
      } catch (error) {
        found = error;
      }
      expect(found).toBeInstanceOf(ProgramError);
      expect((found as ProgramError).rule).toBe(rule);
      // Nothing was taken: the same handles can still be allocated.
      validator.check({ label: 'whole', ops: [...all, kernel()] });
    });
  }

  it('refuses a slot beyond the cube', () => {
    const cube = f32('cube', 12);
    const used: Handle = { ...words };
    const frame_weights = f32('weights', 4);
    const buffers = { cube, frame_weights, sum, weight, used };
    const params = { pixels: 3, planes: 2, slots: 2, slot: 2 };
    const ops: Op[] = [
      ...alloc(cube, used, frame_weights, sum, weight),
      { op: 'kernel', stem: 'coadd-accumulate', params, buffers },
    ];
    expect(() => new ProgramValidator(limits).check({ label: 'slot', ops })).toThrow(/slot_outside/);
  });

  it('lets a program that lends go on behind its reads with nothing but allocs, reads and frees', () => {
    const lend = () => Promise.resolve();
    const reads: Op[] = [{ op: 'read', handle: mean }, ...alloc(small), { op: 'read', handle: small }];
    const ops: Op[] = [...all, kernel(), ...reads, { op: 'free', handle: mean }];
    const check = (more: Op[], lends = true) =>
      new ProgramValidator(limits).check({ label: 'lends', ops: [...ops, ...more], ...(lends && { lend }) });
    const upload: Op = { op: 'upload', handle: small, data: new Float32Array(1) };
    check([]);
    check([upload], false);
    expect(() => check([upload])).toThrow(/lent_read_early.*mean.*upload/);
  });

  it('refuses a buffer over the limit of the device with its own code', () => {
    const check = () => new ProgramValidator(limits).check({ label: 'big', ops: alloc(f32('big', 1025)) });
    expect(check).toThrow(/compute_buffer_over_limit.*4100/);
  });

  it('keeps handles live from program to program until they are freed or abandoned', () => {
    const validator = new ProgramValidator(limits);
    const first = { label: 'first', ops: all };
    validator.check(first);
    validator.check({ label: 'second', ops: [kernel(), { op: 'free', handle: mean }] });
    expect(() => validator.check({ label: 'third', ops: [kernel()] })).toThrow(/handle_freed/);
    expect(() => validator.check({ label: 'again', ops: alloc(mean) })).toThrow(/handle_allocated_twice/);
    validator.abandon(first);
    expect(() => validator.check({ label: 'gone', ops: [{ op: 'read', handle: sum }] })).toThrow(/freed/);
  });
});
