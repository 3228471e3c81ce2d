// Memory of the backend's that is filled and uploaded: it becomes the buffer, once, and comes back otherwise.
import { expect, it } from 'vitest';
import type { ComputeBackend, Handle } from '../../../src/compute/backend.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { alloc, f32, free, opened } from './open-backends.js';

const LENGTH = 2 ** 16;

const open = async () => {
  const backend = opened(await createWasmBackend({ threads: 2 }));
  return { backend, memory: backend.uploadMemory! };
};

const valuesIn = (room: Uint8Array) => new Float32Array(room.buffer, room.byteOffset, room.length / 4);

const valueOf = async (backend: ComputeBackend, handle: Handle) => {
  const { reads } = await backend.submit({ label: 'look', ops: [{ op: 'read', handle }] });
  return reads[0][LENGTH - 1];
};

it('is the buffer that it is uploaded to', async () => {
  const { backend, memory } = await open();
  const handle = f32('whole', LENGTH);
  const data = memory.take(4 * LENGTH);
  valuesIn(data).fill(1);
  await backend.submit({ label: 'fill', ops: [alloc(handle), { op: 'upload', handle, data }] });
  expect(await valueOf(backend, handle)).toBe(1);
  // as nobody may do: there was no copy
  valuesIn(data).fill(2);
  expect(await valueOf(backend, handle)).toBe(2);
  // it is not its taker's any more, and serves nobody else until the buffer is freed
  memory.give(data);
  const other = memory.take(4 * LENGTH);
  expect(other.byteOffset).not.toBe(data.byteOffset);
  await backend.submit({ label: 'free', ops: [free(handle)] });
  expect(memory.take(4 * LENGTH).byteOffset).toBe(data.byteOffset);
});

it('serves again when it was given back, and only then', async () => {
  const { memory } = await open();
  const first = memory.take(4 * LENGTH);
  memory.give(first);
  const second = memory.take(4 * LENGTH);
  expect(second.byteOffset).toBe(first.byteOffset);
  // who gave it back has it no longer
  memory.give(first);
  expect(memory.take(4 * LENGTH).byteOffset).not.toBe(first.byteOffset);
});

it("stays its taker's where it is uploaded to parts of a buffer", async () => {
  const { backend, memory } = await open();
  const handle = f32('parts', 3 * LENGTH);
  const data = memory.take(4 * LENGTH);
  valuesIn(data).fill(1);
  const once = { op: 'upload', handle, data } as const;
  const again = { op: 'upload', handle, data, offset: LENGTH, times: 2 } as const;
  await backend.submit({ label: 'fill', ops: [alloc(handle), once, again] });
  valuesIn(data).fill(2);
  expect(await valueOf(backend, handle)).toBe(1);
  expect(memory.take(4 * LENGTH).byteOffset).not.toBe(data.byteOffset);
  memory.give(data);
  expect(memory.take(4 * LENGTH).byteOffset).toBe(data.byteOffset);
});

it('is a buffer too in a program that waits for others', async () => {
  const { backend, memory } = await open();
  const handles = [1, 2, 3].map((k) => f32(`turn ${k}`, LENGTH));
  const turns = handles.map((handle, k) => {
    const data = memory.take(4 * LENGTH);
    valuesIn(data).fill(k);
    return backend.submit({ label: 'turn', ops: [alloc(handle), { op: 'upload', handle, data }] });
  });
  await Promise.all(turns);
  for (const [k, handle] of handles.entries()) expect(await valueOf(backend, handle)).toBe(k);
});
