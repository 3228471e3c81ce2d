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
    for (const numbers of [background.level, background.noise, stars.x, stars.y, stars.flux])
      // not by `from`, which takes numbers one by one
      hash.update(new Float64Array(numbers));
    for (const values of background.grid.level) hash.update(values);
    const key = hash.digest('hex');
    const before = this.#first.get(key);
    if (before === undefined) this.#first.set(key, name);
    return before;
  }
}

/** Bytes in the middle of a file by which it is told from others: the noise of thousands of pixels, in whatever form they are stored. */
const SAMPLE_BYTES = 2 ** 16;

/**
 * Of files that are alike to the byte the later ones, with the name of the first. Read are only those of one size whose headers tell the same time, or none, and
 * whole only those whose middle is the same, too: pixels that are the same in files that are not show when they are measured.
 * @throws the reason of `signal`
 */
export async function fileTwins(
  records: readonly FrameRecord[],
  signal: AbortSignal,
): Promise<Map<FrameRecord, string>> {
  const sample = ({ path, bytes }: FrameRecord) => {
    const start = Math.max(0, Math.floor((bytes - SAMPLE_BYTES) / 2));
    return fileDigest(path, { start, end: start + SAMPLE_BYTES, signal });
  };
  const twins = new Map<FrameRecord, string>();
  for (const taken of groupsOf(records, ({ bytes, dateObs, exposureS }) =>
    [bytes, dateObs, exposureS].join(),
  )) {
    for (const alike of groupsOf(...(await digested(taken, sample, signal)))) {
      const whole = await digested(alike, ({ path }) => fileDigest(path, { signal }), signal);
      for (const [first, ...others] of groupsOf(...whole))
        for (const record of others) twins.set(record, first.relative);
    }
  }
  return twins;
}

/** The records with a key for each; what cannot be read is like no other. */
async function digested(
  records: readonly FrameRecord[],
  digest: (record: FrameRecord) => Promise<string>,
  signal: AbortSignal,
): Promise<[readonly FrameRecord[], (record: FrameRecord) => string]> {
  const keys = new Map<FrameRecord, string>();
  for (const record of records) {
    keys.set(record, await digest(record).catch(() => record.path));
    signal.throwIfAborted();
  }
  return [records, (record) => keys.get(record)!];
}

/** Records of one key, in their order, where there are several. */
function groupsOf(
  records: readonly FrameRecord[],
  keyOf: (record: FrameRecord) => string,
): readonly FrameRecord[][] {
  const groups = new Map<string, FrameRecord[]>();
  for (const record of records) {
    const key = keyOf(record);
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
