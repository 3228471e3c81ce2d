// Device memory that serves again: which sizes share it, and how much lies idle at most.
import { expect, it } from 'vitest';
import { BufferPool, pooledSize } from '../../src/gpu/buffer-pool.js';

const MIB = 2 ** 20;

/** A pool that keeps `mib` MiB, and what became of its buffers. */
function poolOf(mib: number) {
  const made: { size: number; destroyed: boolean; destroy: () => void }[] = [];
  const device = {
    createBuffer({ size }: { size: number }) {
      const buffer = { size, destroyed: false, destroy: () => void (buffer.destroyed = true) };
      made.push(buffer);
      return buffer;
    },
  };
  const living = () => made.filter(({ destroyed }) => !destroyed).reduce((sum, { size }) => sum + size, 0);
  return { pool: new BufferPool(device as never, 0, mib * MIB), made, living };
}

it('windows that differ by some rows share a buffer, and none is a seventh larger than asked', () => {
  const { pool, made } = poolOf(64);
  for (const rows of [520, 515, 522, 517]) {
    const { buffer, fresh } = pool.take(2 * 1080 * rows, 'window');
    expect(fresh).toBe(made.length === 1 && rows === 520);
    pool.give(buffer);
  }
  expect(made).toHaveLength(1);
  for (let bytes = 1; bytes < 600 * MIB; bytes = Math.ceil(1.37 * bytes)) {
    const size = pooledSize(bytes);
    expect(size % 4).toBe(0);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size - bytes).toBeLessThan(Math.max(256, bytes / 7));
    if (bytes >= 32 * MIB) expect(size - bytes).toBeLessThan(256);
  }
});

it('the cube of one cell serves the next, however large', () => {
  const { pool, made } = poolOf(16);
  const cell = () => {
    const [cube, window] = [pool.take(400 * MIB, 'cube'), pool.take(3 * MIB, 'window')];
    for (const { buffer } of [cube, window]) pool.give(buffer);
    pool.settle();
    return cube.fresh;
  };
  expect([cell(), cell(), cell()]).toEqual([true, false, false]);
  expect(made).toHaveLength(2);
});

it('no more is held than was once in use, or than the bound beside what is', () => {
  const { pool, living } = poolOf(16);
  let most = 0;
  for (const mib of [100, 300, 200, 50, 290, 7, 9, 5, 3, 120]) {
    const { buffer } = pool.take(mib * MIB, 'cube');
    pool.settle();
    most = Math.max(most, mib);
    expect(living()).toBeLessThanOrEqual(Math.max(most, mib + 16) * MIB);
    pool.give(buffer);
    pool.settle();
    expect(living()).toBeLessThanOrEqual(most * MIB);
  }
  const { buffer } = pool.take(10 * MIB, 'lost');
  pool.drop(buffer);
  pool.clear();
  pool.settle();
  expect(living()).toBe(0);
});

it('what a device had no memory for is no measure of what it can hold', () => {
  const mostOf = ({ pool, living }: ReturnType<typeof poolOf>) =>
    [200, 210, 190].reduce((most, mib) => {
      const { buffer } = pool.take(mib * MIB, 'cube');
      pool.settle();
      const now = living();
      pool.give(buffer);
      return Math.max(most, now / MIB);
    }, 0);
  const kept = poolOf(16);
  kept.pool.drop(kept.pool.take(500 * MIB, 'cube').buffer);
  expect(mostOf(kept)).toBe(210);
  // what a program frees itself is given back before it is known that there was no memory for it
  const freed = poolOf(16);
  freed.pool.give(freed.pool.take(500 * MIB, 'scratch').buffer);
  freed.pool.empty();
  expect(freed.living()).toBe(0);
  expect(mostOf(freed)).toBe(210);
});
