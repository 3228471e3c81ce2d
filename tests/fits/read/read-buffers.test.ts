// Memory of reads: nothing is out twice, what was given back serves again, and no more is kept than was out at once.
import { expect, it } from 'vitest';
import { ReadBuffers } from '../../../src/fits/read/read-buffers.js';

it('gives memory again that was given back, and never twice', () => {
  const buffers = new ReadBuffers();
  const [first, second] = [buffers.take(1_000_000), buffers.take(1_000_000)];
  expect([first.length, second.length, first.byteOffset]).toEqual([1_000_000, 1_000_000, 0]);
  expect(first.buffer).not.toBe(second.buffer);
  buffers.give(first);
  const third = buffers.take(1_000_001);
  expect(third.buffer).toBe(first.buffer);
  expect(third.length).toBe(1_000_001);
  expect(buffers.take(10).buffer).not.toBe(first.buffer);
});

it('lets what is too small go for what is not', () => {
  const buffers = new ReadBuffers();
  const small = buffers.take(0);
  expect(small.length).toBe(0);
  buffers.give(small);
  const large = buffers.take(5_000_000);
  expect(large.length).toBe(5_000_000);
  buffers.give(large);
  expect(buffers.take(1).buffer).toBe(large.buffer);
  expect(buffers.take(1).buffer).not.toBe(small.buffer);
});
