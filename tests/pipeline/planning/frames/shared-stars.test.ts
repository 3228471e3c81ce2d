// Stars of all frames under common numbers.
import { afterEach, expect, it, vi } from 'vitest';
import type { StarList } from '../../../../src/astrometry/stars/star-list.js';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { shareStars } from '../../../../src/pipeline/planning/frames/shared-stars.js';
import { SamplePasses } from '../../../../src/simd/sample-passes.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('numbers the same stars alike, whatever stood in the memory that it takes', () => {
  const wcs = makeTanWcs({ crval: [80, 10], crpix: [50, 50], cd: [-1e-3, 0, 0, 1e-3], shape: [100, 100] });
  const listed = (x: number[], y: number[]) =>
    ({
      count: x.length,
      x: Float64Array.from(x),
      y: Float64Array.from(y),
      saturated: new Uint8Array(x.length),
    }) as Partial<StarList> as StarList;
  const frames = [
    { wcs, stars: listed([10, 40, 70], [20, 30, 80]) },
    { wcs, stars: listed([40.5, 90, 10.5], [30.5, 5, 20]) },
  ];
  const take = SamplePasses.prototype.take;
  vi.spyOn(SamplePasses.prototype, 'take').mockImplementation(function (this: SamplePasses, bytes) {
    const at = take.call(this, bytes);
    // no number
    this.bytes().fill(0xff, at, at + bytes);
    return at;
  });
  expect(shareStars({ wcs }, frames).map(({ star }) => [...star])).toEqual([
    [0, 1, 2],
    [1, 3, 0],
  ]);
});
