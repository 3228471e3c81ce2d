import { describe, expect, it } from 'vitest';
import { starMemoryMessage } from '../../src/pipeline/star-memory.js';

describe('memory for the stars of a frame', () => {
  it('of 61 megapixels fits the default budget, mono and in colour', () => {
    for (const planes of [1, 3] as const)
      expect(starMemoryMessage({ width: 9576, height: 6388, planes }, 1536)).toBeUndefined();
  });

  it('that the budget does not hold is said with both figures', () => {
    expect(starMemoryMessage({ width: 9576, height: 6388, planes: 1 }, 512)).toEqual({
      code: 'solve_reject_memory',
      params: { needed: 945, budget: 512 },
    });
  });
});
