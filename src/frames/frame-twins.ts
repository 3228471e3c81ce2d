// Frames that are one exposure under several names: counted twice it would pass for two that agree perfectly, and everything that is fixed in it for sky.
import { createHash } from 'node:crypto';
import type { StarList } from '../astrometry/stars/star-list.js';
import { fileDigest } from './file-mark.js';
import type { FrameRecord } from './frame-record.js';
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

/**
 * Of files that are alike to the byte the later ones, with the name of the first. Read are only those of one size whose headers tell the same time: pixels that
 * are the same in files that are not show when they are measured.
 */
export async function fileTwins(records: readonly FrameRecord[]): Promise<Map<FrameRecord, string>> {
  const alike = new Map<string, FrameRecord[]>();
  for (const record of records) {
    const key = [record.bytes, record.dateObs, record.exposureS].join(' ');
    const others = alike.get(key);
    if (others) others.push(record);
    else alike.set(key, [record]);
  }
  const twins = new Map<FrameRecord, string>();
  for (const group of alike.values()) {
    const first = new Map<string, FrameRecord>();
    for (const record of group.length > 1 ? group : []) {
      const digest = await fileDigest(record.path).catch(() => record.path);
      const other = first.get(digest);
      if (other) twins.set(record, other.relative);
      else first.set(digest, record);
    }
  }
  return twins;
}
