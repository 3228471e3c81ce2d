// What every backend promises about programs: order, resident handles, transfers, failures, profiles.
import { describe, expect, it } from 'vitest';
import type { Handle, Op } from '../../src/compute/backend.js';
import { LEVEL_TERMS, MAP_STRIDE } from '../../src/compute/constants.js';
import { LANCZOS_TABLE_SIZE, WARP_BILINEAR } from '../../src/compute/contracts/warp.js';
import { fromWordSum } from '../../src/compute/word-sum.js';
import { forEachBackend } from '../helpers/backends.js';

const f32 = (label: string, length: number): Handle => ({ label, element: 'f32', length });

forEachBackend((backend) => {
  describe('programs', () => {
    it('start buffers at zero and move parts of them', async () => {
      const handle = f32('a', 5);
      const { reads } = await backend().submit({
        label: 'transfer',
        ops: [
          { op: 'alloc', handle },
          { op: 'upload', handle, data: Float32Array.of(1, 2), offset: 2 },
          { op: 'read', handle },
          { op: 'read', handle, offset: 3 },
          { op: 'read', handle, offset: 1, length: 2 },
          { op: 'free', handle },
        ],
      });
      expect(reads.map((r) => [...r])).toEqual([
        [0, 0, 1, 2, 0],
        [2, 0],
        [0, 1],
      ]);
      expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
    });

    it('repeat uploads and bring back sums of words that no word can hold', async () => {
      const row = f32('row', 7);
      const words: Handle = { label: 'words', element: 'u32', length: 4 };
      const { reads } = await backend().submit({
        label: 'repeat',
        ops: [
          ...[row, words].map((handle): Op => ({ op: 'alloc', handle })),
          { op: 'upload', handle: row, data: Float32Array.of(1, 2), offset: 1, times: 3 },
          { op: 'upload', handle: words, data: Uint32Array.of(2 ** 32 - 1), times: 4 },
          { op: 'read', handle: row },
          { op: 'read', handle: words, sum: true },
          { op: 'read', handle: words, offset: 1, length: 1, sum: true },
          ...[row, words].map((handle): Op => ({ op: 'free', handle })),
        ],
      });
      expect([...reads[0]]).toEqual([0, 1, 2, 1, 2, 1, 2]);
      expect(fromWordSum(reads[1])).toBe(4 * (2 ** 32 - 1));
      expect(fromWordSum(reads[2])).toBe(2 ** 32 - 1);
    });

    it('bring back sums of parts of long buffers', async () => {
      const words: Handle = { label: 'words', element: 'u32', length: 300_001 };
      const data = Uint32Array.from({ length: words.length }, (_, i) => (i * 2_654_435_761) % 2 ** 32);
      const parts = [
        [0, words.length],
        [3, 299_990],
        [70_001, 5],
      ];
      const { reads } = await backend().submit({
        label: 'sums',
        ops: [
          { op: 'alloc', handle: words },
          { op: 'upload', handle: words, data },
          ...parts.map(([offset, length]): Op => ({ op: 'read', handle: words, offset, length, sum: true })),
          { op: 'free', handle: words },
        ],
      });
      const expected = parts.map(([offset, length]) =>
        data.subarray(offset, offset + length).reduce((sum, word) => sum + word, 0),
      );
      expect(reads.map(fromWordSum)).toEqual(expected);
    });

    it('lend their reads until they are given back', async () => {
      const opsOf = (
        [values, words]: readonly Handle[] = [
          f32('values', 3),
          { label: 'words', element: 'u32', length: 2 },
        ],
      ): Op[] => [
        ...[values, words].map((handle): Op => ({ op: 'alloc', handle })),
        { op: 'upload', handle: values, data: Float32Array.of(1, 2, 3) },
        { op: 'upload', handle: words, data: Uint32Array.of(4, 5) },
        { op: 'read', handle: values },
        { op: 'read', handle: words, sum: true },
        { op: 'read', handle: words, offset: 1 },
        ...[values, words].map((handle): Op => ({ op: 'free', handle })),
      ];
      const seen: number[][] = [];
      const lend = async (reads: readonly (Float32Array | Uint32Array)[]): Promise<void> => {
        await new Promise(setImmediate);
        seen.push(...reads.map((r) => [...r]));
        reads[0].fill(7);
      };
      expect(await backend().submit({ label: 'lent', ops: opsOf(), lend })).toEqual({ reads: [] });
      expect(seen).toEqual([[1, 2, 3], [9, 0], [5]]);
      const refusal = new Error('no room');
      const refuse = () => Promise.reject(refusal);
      await expect(backend().submit({ label: 'refused', ops: opsOf(), lend: refuse })).rejects.toBe(refusal);
      expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
      // What was lent and altered is nobody's any more.
      const { reads } = await backend().submit({ label: 'again', ops: opsOf() });
      expect([...reads[0]]).toEqual([1, 2, 3]);
    });

    it('lend nothing that an upload or a kernel of the same program could alter', async () => {
      const [sum, weight, mean] = [f32('sum', 2), f32('weight', 2), f32('mean', 2)];
      const params = { pixels: 2, planes: 1 };
      const early: Op[] = [
        { op: 'upload', handle: sum, data: Float32Array.of(9, 9) },
        { op: 'kernel', stem: 'coadd-normalise', params, buffers: { sum, weight, mean } },
      ];
      for (const op of early) {
        let lent = 0;
        const ops: Op[] = [
          ...[sum, weight, mean].map((handle): Op => ({ op: 'alloc', handle })),
          { op: 'read', handle: mean },
          op,
        ];
        const lend = () => Promise.resolve(void lent++);
        await expect(backend().submit({ label: 'early', ops, lend })).rejects.toMatchObject({
          code: 'compute_program_invalid',
          rule: 'lent_read_early',
          facts: { label: 'mean', before: op.op },
        });
        expect(lent).toBe(0);
        expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
      }
    });

    it('read, and sum, what stood there before the next upload', async () => {
      const words: Handle = { label: 'words', element: 'u32', length: 4 };
      const fill = (value: number): Op => ({
        op: 'upload',
        handle: words,
        data: Uint32Array.of(value),
        times: words.length,
      });
      const { reads } = await backend().submit({
        label: 'sum, then upload',
        ops: [
          { op: 'alloc', handle: words },
          { op: 'read', handle: words, sum: true },
          fill(1),
          { op: 'read', handle: words, sum: true },
          { op: 'read', handle: words },
          fill(5),
          { op: 'read', handle: words, sum: true },
          fill(9),
          { op: 'free', handle: words },
        ],
      });
      expect([0, 1, 3].map((i) => fromWordSum(reads[i]))).toEqual([0, 4, 20]);
      expect([...reads[2]]).toEqual([1, 1, 1, 1]);
    });

    it('take uploads when submitted, run in order and keep handles from program to program', async () => {
      const [sum, weight, mean] = [f32('sum', 2), f32('weight', 2), f32('mean', 2)];
      const params = { pixels: 2, planes: 1 };
      const kernel: Op = { op: 'kernel', stem: 'coadd-normalise', params, buffers: { sum, weight, mean } };
      const data = Float32Array.of(6, 8);
      backend().takeProfile();
      const first = backend().submit({
        label: 'first',
        ops: [
          ...[sum, weight, mean].map((handle): Op => ({ op: 'alloc', handle })),
          { op: 'upload', handle: sum, data },
          { op: 'upload', handle: weight, data: Float32Array.of(2, 4) },
          kernel,
          { op: 'read', handle: mean },
        ],
      });
      data.fill(100);
      const second = backend().submit({
        label: 'second',
        ops: [{ op: 'upload', handle: sum, data }, kernel, { op: 'read', handle: mean }],
      });
      expect([...(await first).reads[0]]).toEqual([3, 2]);
      expect([...(await second).reads[0]]).toEqual([50, 25]);
      expect(backend().resident()).toEqual({ handles: 3, bytes: 24 });
      const ops = [sum, weight, mean].map((handle): Op => ({ op: 'free', handle }));
      await backend().submit({ label: 'end', ops });
      expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
      const profile = backend().takeProfile();
      const entry = profile.find((p) => p.stem === 'coadd-normalise');
      expect(entry?.calls).toBe(2);
      expect(entry?.bytes).toBe(48);
      expect(entry?.seconds).toBeGreaterThanOrEqual(0);
      expect(profile.find((p) => p.stem === 'upload')?.bytes).toBe(24);
      expect(profile.find((p) => p.stem === 'read_back')?.bytes).toBe(16);
      expect(backend().takeProfile()).toEqual([]);
    });

    it.each([1, 6])(
      'count the slot that a warp writes and its window, not its cube of %i slots',
      async (slots) => {
        const [cellWidth, cellHeight, windowWidth, windowHeight] = [8, 4, 10, 12];
        const size = { cellWidth, cellHeight, windowWidth, windowHeight, windowX: 0, windowY: 0 };
        const frame = { frameWidth: windowWidth, frameHeight: windowHeight, slot: slots - 1, slots };
        const level = { centreX: 0, centreY: 0, invScale: 1 };
        const params = { ...size, ...frame, kernel: WARP_BILINEAR, ...level, pattern: 0 };
        const slot = 3 * cellWidth * cellHeight;
        const buffers = {
          cfa: f32('cfa', windowWidth * windowHeight),
          map: f32('map', MAP_STRIDE),
          levels: f32('levels', 3 * (1 + LEVEL_TERMS)),
          lanczos: f32('lanczos', LANCZOS_TABLE_SIZE * 3 + 2),
          cube: f32('cube', slots * slot),
        };
        const inputs = [buffers.cfa, buffers.map, buffers.levels, buffers.lanczos];
        const handles = Object.values(buffers);
        backend().takeProfile();
        await backend().submit({
          label: 'warp',
          ops: [
            ...handles.map((handle): Op => ({ op: 'alloc', handle })),
            { op: 'kernel', stem: 'warp-cfa', params, buffers },
            { op: 'read', handle: buffers.cube },
            ...handles.map((handle): Op => ({ op: 'free', handle })),
          ],
        });
        const entry = backend()
          .takeProfile()
          .find(({ stem }) => stem === 'warp-cfa');
        const moved = inputs.reduce((sum, { length }) => sum + length, slot);
        expect(entry).toMatchObject({ calls: 1, bytes: 4 * moved });
      },
    );

    it('take uploads when submitted that stand behind a kernel, which does not see them', async () => {
      const data = Float32Array.of(6, 8);
      const programs = [0, 1].map(() => {
        const [weight, sum, mean] = ['weight', 'sum', 'mean'].map((label) => f32(label, 2));
        const kernel: Op = {
          op: 'kernel',
          stem: 'coadd-normalise',
          params: { pixels: 2, planes: 1 },
          buffers: { sum, weight, mean },
        };
        const submitted = backend().submit({
          label: 'behind',
          ops: [
            ...[weight, sum, mean].map((handle): Op => ({ op: 'alloc', handle })),
            { op: 'upload', handle: weight, data: Float32Array.of(2, 4) },
            kernel,
            { op: 'read', handle: mean },
            { op: 'upload', handle: sum, data },
            kernel,
            { op: 'read', handle: mean },
            ...[weight, sum, mean].map((handle): Op => ({ op: 'free', handle })),
          ],
        });
        data.fill(100);
        return submitted;
      });
      const [first, second] = await Promise.all(programs);
      expect(first.reads.map((read) => [...read])).toEqual([
        [0, 0],
        [3, 2],
      ]);
      expect(second.reads.map((read) => [...read])).toEqual([
        [0, 0],
        [50, 25],
      ]);
      expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
    });

    it('that break a rule reject and leave nothing', async () => {
      const handle = f32('a', 5);
      const ops: Op[] = [
        { op: 'alloc', handle },
        { op: 'read', handle, length: 6 },
      ];
      await expect(backend().submit({ label: 'broken', ops })).rejects.toMatchObject({
        code: 'compute_program_invalid',
        rule: 'transfer_outside',
      });
      expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
    });
  });
});
