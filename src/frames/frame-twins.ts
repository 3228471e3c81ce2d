// Frames that are one exposure under several names: counted twice it would pass for two that agree perfectly, and everything that is fixed in it for sky.
import { createHash } from 'node:crypto';
import type { StarList } from '../astrometry/stars/star-list.js';
import type { FrameMeasure } from './measure-frame.js';

/** What of a frame no other exposure shares: noise makes each its own. */
export interface TwinFacts {
  readonly measure: FrameMeasure;
  readonly stars: StarList;
}

export class FrameTwins {
  readonly #first = new Map<string, string>();

  /** The name under which the same pixels have come before; else they are remembered under `name`. */
  twinOf(name: string, { measure: { background }, stars }: TwinFacts): string | undefined {
    const hash = createHash('sha256');
    for (const numbers of [background.level, background.noise, stars.x, stars.y, [...stars.flux]])
      hash.update(Float64Array.from(numbers));
    for (const values of background.grid.level) hash.update(values);
    const key = hash.digest('hex');
    const before = this.#first.get(key);
    if (before === undefined) this.#first.set(key, name);
    return before;
  }
}
