// Frames that do not belong with the others: another filter, another camera, another scale, a WCS somewhere else.
import type { FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import { groupTouching, place } from './placed-frames.js';
import { positionOutliers } from './position-outliers.js';
import { apartFields, type ApartFields, type FieldChoice } from './sky-fields.js';

/** Largest ratio of a frame's pixel scale to the set's: two telescopes of a brand differ by more (Seestar S30 to S50: 1.68). */
const MAX_SCALE_RATIO = 1.5;

export interface RefusedFrame {
  readonly record: FrameRecord;
  readonly reason: FrameReason;
}

export interface ConsistentSet {
  /** In the order given. */
  readonly kept: readonly FrameRecord[];
  readonly refused: readonly RefusedFrame[];
  /** Where the frames show fields too far apart for one canvas, and one was chosen. */
  readonly apart?: ApartFields['told'];
}

/**
 * Applies the rule of the majority, one property after the other, each to what the one before left: channels (a CFA and an RGB frame both have
 * three), filter (names compared without case; a frame without the card goes with any), pixel scale (within a factor of 1.5 of the
 * median; unknown passes), position of the WCS (`positionOutliers`, then `apartFields`; a field that is asked for is made of all frames there). Sizes, exposures, gains and cameras may differ. On a tie the value of
 * the earlier frame wins, so that the result depends on the canonical order alone. `settled` frames stand already in what the others are to be added
 * to: where they know a value they decide it, however many the others are, and they are not judged.
 */
export function consistentSet(
  records: readonly FrameRecord[],
  settled: readonly FrameRecord[] = [],
  field: FieldChoice = 'auto',
): ConsistentSet {
  const refused: RefusedFrame[] = [];
  let kept = [...records];
  const apply = (reasons: ReadonlyMap<FrameRecord, FrameReason>) => {
    kept = kept.filter((record) => {
      const reason = reasons.get(record);
      if (reason) refused.push({ record, reason });
      return !reason;
    });
  };
  apply(minority(kept, settled, (r) => (r.sensor.kind === 'mono' ? 1 : 3), 'frames_reject_channels'));
  apply(
    minority(
      kept,
      settled,
      (r) => r.filter?.toLowerCase(),
      'frames_reject_filter',
      (r) => r.filter!,
    ),
  );
  apply(scaleOutliers(kept, settled));
  const isSettled = new Set(settled);
  const places = () => [...settled, ...kept].flatMap((record) => (record.wcs ? [place(record)] : []));
  // a field that is asked for may be the small one, which would be far from all others
  if (typeof field === 'object') apply(apartFields(groupTouching(places()), field, isSettled).reasons);
  const { reasons, staying } = positionOutliers(places(), isSettled);
  apply(reasons);
  const { reasons: elsewhere, told: apart } = apartFields(
    staying,
    typeof field === 'object' ? 'all' : field,
    isSettled,
  );
  apply(elsewhere);
  return { kept, refused, ...(apart && { apart }) };
}

/** Frames whose value is known and is not the commonest one: of the settled frames, where they know one. */
function minority<V extends string | number>(
  records: readonly FrameRecord[],
  settled: readonly FrameRecord[],
  value: (record: FrameRecord) => V | undefined,
  code: string,
  shown: (record: FrameRecord) => string | number = (record) => value(record)!,
): Map<FrameRecord, FrameReason> {
  const counts = new Map<V, { count: number; first: FrameRecord }>();
  for (const record of judgesOf(records, settled, value)) {
    const v = value(record);
    if (v === undefined) continue;
    const entry = counts.get(v);
    if (entry) entry.count++;
    else counts.set(v, { count: 1, first: record });
  }
  const reasons = new Map<FrameRecord, FrameReason>();
  if (counts.size === 0) return reasons;
  const counted = [...counts.values()];
  const [most, { count, first }] = [...counts].reduce((a, b) => (b[1].count > a[1].count ? b : a));
  for (const record of records) {
    const v = value(record);
    if (v === undefined || v === most) continue;
    const isTie = counted.filter((of) => of.count === count).length > 1;
    const params = { value: shown(record), majority: shown(first), count, tie: isTie ? 'yes' : 'no' };
    reasons.set(record, { code, params });
  }
  return reasons;
}

/** Frames whose scale is not within the factor of the median scale (of an even number the smaller of the middle two). */
function scaleOutliers(
  records: readonly FrameRecord[],
  settled: readonly FrameRecord[],
): Map<FrameRecord, FrameReason> {
  const judges = judgesOf(records, settled, (r) => r.pixelScaleArcsec);
  const scales = Float64Array.from(judges.flatMap((r) => r.pixelScaleArcsec ?? [])).sort();
  const median = scales[(scales.length - 1) >> 1];
  const reasons = new Map<FrameRecord, FrameReason>();
  for (const record of records) {
    if (record.pixelScaleArcsec === undefined) continue;
    const ratio = record.pixelScaleArcsec / median;
    if (ratio <= MAX_SCALE_RATIO && ratio >= 1 / MAX_SCALE_RATIO) continue;
    reasons.set(record, {
      code: 'frames_reject_scale',
      params: {
        value: Number(record.pixelScaleArcsec.toPrecision(4)),
        majority: Number(median.toPrecision(4)),
        factor: MAX_SCALE_RATIO,
      },
    });
  }
  return reasons;
}

/** The frames that a value is decided by. */
function judgesOf(
  records: readonly FrameRecord[],
  settled: readonly FrameRecord[],
  value: (record: FrameRecord) => unknown,
): readonly FrameRecord[] {
  return settled.some((record) => value(record) !== undefined) ? settled : records;
}
