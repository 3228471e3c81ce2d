// Placing buffers in the shared memory: gaps are found, merged and grown into, and the limit holds.
import { describe, expect, it } from 'vitest';
import { HEAP_START } from '../../../src/cpu-fallback/wasm/control-area.js';
import { SharedHeap } from '../../../src/cpu-fallback/wasm/shared-heap.js';

const PAGE = 65536;
const LIMIT = HEAP_START + 8 * PAGE;

function heapOf(maximum: number) {
  const memory = new WebAssembly.Memory({ initial: HEAP_START / PAGE, maximum, shared: true });
  return { memory, heap: new SharedHeap(memory, LIMIT) };
}

describe('shared heap', () => {
  it('gives separate aligned blocks behind the control area', () => {
    const { heap } = heapOf(LIMIT / PAGE);
    const blocks = [1, 64, 1000, 4].map((bytes) => heap.allocate(bytes)!);
    let end = HEAP_START;
    for (const [i, { address, bytes }] of blocks.entries()) {
      expect(address % 64).toBe(0);
      expect(address).toBeGreaterThanOrEqual(end);
      expect(bytes).toBeGreaterThanOrEqual([1, 64, 1000, 4][i] + 16);
      end = address + bytes;
    }
  });

  it('is whole again when all is freed, in any order', () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ]) {
      const { heap } = heapOf(LIMIT / PAGE);
      const blocks = [100, 2000, 30, 4000].map((bytes) => heap.allocate(bytes)!);
      for (const i of order) heap.release(blocks[i]);
      expect(heap.freeBytes()).toBe(8 * PAGE);
      expect(heap.allocate(8 * PAGE - 128)?.address).toBe(HEAP_START);
    }
  });

  it('uses a freed block before it grows', () => {
    const { heap, memory } = heapOf(LIMIT / PAGE);
    const first = heap.allocate(PAGE)!;
    heap.allocate(PAGE);
    const size = memory.buffer.byteLength;
    heap.release(first);
    expect(heap.allocate(PAGE)).toEqual(first);
    expect(memory.buffer.byteLength).toBe(size);
  });

  it('leaves large gaps to those that need them', () => {
    const { heap } = heapOf(LIMIT / PAGE);
    const large = heap.allocate(3000)!;
    heap.allocate(64);
    const small = heap.allocate(1000)!;
    heap.allocate(64);
    const same = heap.allocate(1000)!;
    heap.allocate(64);
    for (const block of [same, large, small]) heap.release(block);
    expect(heap.allocate(1000), 'the first of two that fit').toEqual(small);
    expect(heap.allocate(900)?.address, 'the other one').toBe(same.address);
    expect(heap.allocate(3000)).toEqual(large);
  });

  it('refuses what lies beyond its limit or what the system does not give', () => {
    const { heap } = heapOf(LIMIT / PAGE);
    expect(heap.allocate(8 * PAGE + 1)).toBeUndefined();
    expect(heap.freeBytes()).toBe(8 * PAGE);
    const small = heapOf(HEAP_START / PAGE + 1).heap;
    expect(small.allocate(3 * PAGE)).toBeUndefined();
    expect(small.allocate(PAGE - 128)).toBeDefined();
  });
});
