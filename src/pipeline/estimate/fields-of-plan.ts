// Frames of other fields than the one that a run would make, by where a plan takes them to be.
import { footprint } from '../../astrometry/wcs/footprint.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { groupTouching, place } from '../../frames/placed-frames.js';
import { apartFields, type ApartFields, type FieldChoice } from '../../frames/sky-fields.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';

export function fieldsOfPlan(frames: readonly PlacedFrame[], choice: FieldChoice): ApartFields {
  return apartFields(groupTouching(frames.flatMap(placedAt)), choice, new Set<FrameRecord>());
}

function placedAt({ record, wcs }: PlacedFrame) {
  const { width, height } = record;
  const middle = wcs.pixelToSky((width + 1) / 2, (height + 1) / 2);
  if (!middle) return [];
  const sky = ([raDeg, decDeg]: readonly number[]) => ({ raDeg, decDeg });
  return [place(record, { centre: sky(middle), corners: footprint(wcs, width, height).map(sky) })];
}
