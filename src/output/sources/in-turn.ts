// A source that several may read at a time: what makes its values shares scratch from call to call.
import type { PlaneSource } from './plane-source.js';

/** `source`, whose reads begin when those before them have ended. */
export function inTurn(source: PlaneSource): PlaneSource {
  let last: Promise<unknown> = Promise.resolve();
  const after = (read: () => Promise<void>): Promise<void> => {
    const done = last.then(read);
    last = done.catch(() => undefined);
    return done;
  };
  const { readRegion } = source;
  return {
    ...source,
    readRows: (plane, y0, rows, out) => after(() => source.readRows(plane, y0, rows, out)),
    ...(readRegion && {
      readRegion: (plane, region, out) => after(() => readRegion(plane, region, out)),
    }),
  };
}
