// What nobody holds goes, and so do the pages of the heap that it stood in.
import { cachedDataVersionTag } from 'node:v8';
import { afterEach, expect, it, vi } from 'vitest';
import { shrinkHeap } from '../src/shrink-heap.js';

afterEach(() => {
  vi.doUnmock('node:inspector');
  vi.useRealTimers();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function leftAfter(shrink: () => Promise<void>): Promise<boolean> {
  const left = new WeakRef(new Float64Array(1000));
  // what a reference was made for stays until the work at hand is done
  await turn();
  expect(left.deref()).toBeDefined();
  await turn();
  await shrink();
  return left.deref() !== undefined;
}

it('collects what nobody holds, and leaves the flags of V8 as they were', async () => {
  const before = cachedDataVersionTag();
  expect(await leftAfter(shrinkHeap)).toBe(false);
  expect(cachedDataVersionTag()).toBe(before);
});

it('collects it where there is no debugger, too', async () => {
  vi.resetModules();
  vi.doMock('node:inspector', () => {
    throw new Error('not built in');
  });
  const { shrinkHeap: shrink } = await import('../src/shrink-heap.js');
  const before = cachedDataVersionTag();
  expect(await leftAfter(shrink)).toBe(false);
  expect(cachedDataVersionTag()).toBe(before);
});

it('keeps a process that waits for nothing else until the debugger answers', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  vi.resetModules();
  let waiting = 0;
  class Session {
    connect = () => undefined;
    disconnect = () => undefined;
    post(_: string, done: (error: Error | null) => void): void {
      // Deno answers in a later turn
      setImmediate(() => {
        waiting = vi.getTimerCount();
        done(null);
      });
    }
  }
  vi.doMock('node:inspector', () => ({ Session }));
  const { shrinkHeap: shrink } = await import('../src/shrink-heap.js');
  await shrink();
  expect(waiting).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('gives back pages of which little is left, and the young space', async () => {
  let all: number[][] | undefined = Array.from({ length: 1e6 }, (_, i) => [i, i + 0.5]);
  // spread over all pages
  const few = all.filter((_, i) => i % 100 === 0);
  all = undefined;
  await turn();
  const { heapTotal } = process.memoryUsage();
  await shrinkHeap();
  const after = process.memoryUsage();
  expect(few.length).toBe(1e4);
  expect(heapTotal - after.heapUsed).toBeGreaterThan(40e6);
  expect(after.heapTotal - after.heapUsed).toBeLessThan(8e6 + 0.1 * after.heapUsed);
});
