// Reads that a program lends: programs behind it run meanwhile, and nothing of theirs comes near what is lent.
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ComputeBackend, Handle, Op, Program } from '../../../src/compute/backend.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { alloc, f32, free, opened } from './open-backends.js';

const LENGTH = 2 ** 18;

/** Fills a buffer of `LENGTH` with `value` and reads it. */
function filled(value: number, handle = f32(`all ${value}`, LENGTH)): Op[] {
  const data = new Float32Array(LENGTH).fill(value);
  return [alloc(handle), { op: 'upload', handle, data }, { op: 'read', handle }, free(handle)];
}

/** A gate that stays shut until told. */
function gate(): { readonly opens: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opens = new Promise<void>((resolve) => (open = resolve));
  return { opens, open };
}

const open = async (): Promise<ComputeBackend> => opened(await createWasmBackend({ threads: 2 }));

describe('while reads are lent', () => {
  it('programs behind run, in other memory', async () => {
    const backend = await open();
    const { opens, open: giveBack } = gate();
    const seen: number[] = [];
    const lend: Program['lend'] = async ([values]) => {
      await opens;
      seen.push(Math.min(...values.subarray(0, 9)), values.at(-1)!);
    };
    const lending = backend.submit({ label: 'lends', ops: filled(1), lend });
    for (const value of [2, 3]) {
      const { reads } = await backend.submit({ label: 'behind', ops: filled(value) });
      expect(reads[0].every((v) => v === value)).toBe(true);
    }
    giveBack();
    expect(await lending).toEqual({ reads: [] });
    expect(seen).toEqual([1, 1]);
    expect(backend.resident()).toEqual({ handles: 0, bytes: 0 });
  });

  it('those that lend, too, wait for their turn to lend', async () => {
    const backend = await open();
    const { opens, open: giveBack } = gate();
    const seen: (number | string)[] = [];
    const lends = (value: number, until: Promise<void>) => {
      const lend: Program['lend'] = async ([values]) => {
        seen.push(values[0]);
        await until;
        seen.push('back');
      };
      return backend.submit({ label: 'lends', ops: filled(value), lend });
    };
    const all = [lends(1, opens), lends(2, Promise.resolve())];
    await backend.submit({ label: 'behind', ops: filled(3) });
    expect(seen).toEqual([1]);
    giveBack();
    await Promise.all(all);
    expect(seen).toEqual([1, 'back', 2, 'back']);
  });

  it('of a buffer that stays, programs behind wait', async () => {
    const backend = await open();
    const kept: Handle = f32('kept', LENGTH);
    const { opens, open: giveBack } = gate();
    const seen: number[] = [];
    const lend: Program['lend'] = async ([values]) => {
      await opens;
      seen.push(values[0]);
    };
    const lending = backend.submit({ label: 'lends', ops: filled(1, kept).slice(0, 3), lend });
    const data = new Float32Array(LENGTH).fill(2);
    const ops: Op[] = [{ op: 'upload', handle: kept, data }, { op: 'read', handle: kept }, free(kept)];
    const behind = backend.submit({ label: 'behind', ops });
    await wait(30);
    giveBack();
    await lending;
    expect(seen).toEqual([1]);
    expect((await behind).reads[0][0]).toBe(2);
  });

  it('a program without room waits until their memory is free', async () => {
    const backend = await open();
    const { opens, open: giveBack } = gate();
    const lending = backend.submit({ label: 'lends', ops: filled(1), lend: () => opens });
    // more than all but what is lent
    const whole = f32('whole', (backend.info.limits.maxBufferBytes - 2 ** 19) / 4);
    const behind = backend.submit({ label: 'behind', ops: [alloc(whole), free(whole)] });
    await wait(30);
    giveBack();
    await Promise.all([lending, behind]);
  });

  it('the backend does not close, and what the taker fails with is told', async () => {
    const backend = await createWasmBackend({ threads: 1 });
    const { opens, open: giveBack } = gate();
    let closed = false;
    const lend = () => opens.then(() => Promise.reject(new Error('disk full')));
    const lending = backend.submit({ label: 'lends', ops: filled(1), lend });
    lending.catch(() => undefined);
    const closing = backend.close().then(() => (closed = true));
    await wait(30);
    expect(closed).toBe(false);
    giveBack();
    await expect(lending).rejects.toThrow('disk full');
    await closing;
  });
});
