import { describe, expect, it } from 'vitest';
import { SessionMemory } from '../../../../src/astrometry/solver/search/session-memory.js';
import type { Solution, SolveImage } from '../../../../src/astrometry/solver/solve-types.js';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';

const image: SolveImage = {
  width: 100,
  height: 100,
  stars: { count: 0, x: new Float64Array(0), y: new Float64Array(0) },
};

function solutionOf(scaleArcsec: number): Solution {
  const step = scaleArcsec / 3600;
  const wcs = makeTanWcs({
    crval: [10, 20],
    crpix: [50, 50],
    cd: [-step, 0, 0, step],
    shape: [100, 100],
    sip: undefined,
  });
  return {
    wcs,
    centre: [10, 20],
    corners: [],
    scaleArcsec,
    parity: -1,
    matched: 9,
    rmsPx: 0.1,
    logOdds: 20,
    ms: 1,
  };
}

describe('what a session has learnt', () => {
  it('is the median of one telescope, and begins anew with another whose headers look the same', () => {
    const memory = new SessionMemory();
    expect(memory.about(image, {})).toBeUndefined();
    for (const scale of [2.37, 2.39, 2.38]) memory.add(image, {}, solutionOf(scale));
    expect(memory.about(image, {})?.scaleArcsec).toBe(2.38);
    memory.add(image, {}, solutionOf(3.96));
    expect(memory.about(image, {})?.scaleArcsec).toBe(3.96);
  });

  it('is kept apart for other sizes and nominal scales', () => {
    const memory = new SessionMemory();
    memory.add(image, { scaleArcsec: 2.4 }, solutionOf(2.38));
    expect(memory.about({ ...image, width: 200 }, { scaleArcsec: 2.4 })).toBeUndefined();
    expect(memory.about(image, { scaleArcsec: 4 })).toBeUndefined();
    expect(memory.about(image, { scaleArcsec: 2.4 })?.parity).toBe(-1);
  });
});
