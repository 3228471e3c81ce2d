// Loops written out, and sorting networks that sort.
import { expect, it } from 'vitest';
import { expandLoops, mergingNetwork, network } from '../../src/gpu/expand-loops.js';

/** By the zero-one principle a network that sorts all zeros and ones sorts everything. */
it.each([1, 2, 3, 5, 8, 12, 16])('the network of %i sorts', (length) => {
  const pairs = network(length);
  for (let bits = 0; bits < 1 << length; bits++) {
    const values = Array.from({ length }, (_, k) => (bits >> k) & 1);
    for (const [a, b] of pairs) {
      [values[a], values[b]] = [Math.min(values[a], values[b]), Math.max(values[a], values[b])];
    }
    expect(values).toEqual([...values].sort());
  }
});

it.each([1, 2, 8, 16])('the merging network of %i sorts what rises and falls', (length) => {
  const pairs = mergingNetwork(length);
  for (let first = 0; first <= length; first++) {
    for (let end = first; end <= length; end++) {
      const values = Array.from({ length }, (_, k) => Number(k >= first && k < end));
      for (const [a, b] of pairs) {
        [values[a], values[b]] = [Math.min(values[a], values[b]), Math.max(values[a], values[b])];
      }
      expect(values).toEqual([...values].sort());
    }
  }
});

it('loops are written out from first to last, inner ones too', () => {
  const source =
    'const N: u32 = 3u;\n//!unroll\nfor (var k = 1u; k < N; k++) {\n  //!unroll\n  for (var kk = 0u; kk < 1u; kk++) { f(k, kk); }\n}\nend';
  const calls = [...expandLoops(source).matchAll(/f\((\w+), (\w+)\)/g)].map(([, a, b]) => [a, b]);
  expect(calls).toEqual([
    ['1u', '0u'],
    ['2u', '0u'],
  ]);
  expect(expandLoops(source).endsWith('\nend')).toBe(true);
});

it('sorts are written out, and other loops stay', () => {
  const source = 'const N: u32 = 2u;\n  //!sort a N\nfor (var k = 0u; k < N; k++) { }';
  expect(expandLoops(source)).toBe(
    'const N: u32 = 2u;\n  { let low = min(a[0], a[1]); a[1] = max(a[0], a[1]); a[0] = low; }\nfor (var k = 0u; k < N; k++) { }',
  );
});

it('merges are written out, too', () => {
  expect(expandLoops('//!merge a 4u').match(/low = /g)).toHaveLength(4);
});

it('a bound that is no constant is refused', () => {
  expect(() => expandLoops('//!unroll\nfor (var k = 0u; k < n; k++) { }')).toThrow('n is no u32 constant');
});
