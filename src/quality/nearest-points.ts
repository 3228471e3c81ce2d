// Which of some points lies nearest to each of some places, in WebAssembly, because a mosaic has hundreds of both.
import { sharedPasses } from '../simd/sample-passes.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The number of the point nearest to each place, the first of several; -1 where there is none. */
export function nearestPoints(points: readonly Point[], places: readonly Point[]): Int32Array {
  const room = sharedPasses();
  const [from, to] = [points, places].map((list) =>
    room.put(Float64Array.from(list.flatMap(({ x, y }) => [x, y]))),
  );
  const out = room.take(4 * places.length);
  room.passes.nearestPoints(from, points.length, to, places.length, out);
  return new Int32Array(room.buffer, out, places.length).slice();
}
