// What each frame's photons are worth in ADU: by the noise of all frames that were taken alike, or by their header where the noise bears it out.
import { photonGain } from '../../photometry/noise/photon-gain.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';

/** Frames that were taken alike. */
export interface PhotonGroup {
  readonly frames: readonly number[];
  /** Per channel; absent where nothing tells. */
  readonly electronsPerAdu?: readonly number[];
  readonly toldBy: 'noise' | 'header' | 'nothing';
  /** Standard error of what the noise tells, as a fraction. */
  readonly relativeError?: number;
}

/** A gain that is known no better would make the uncertainty of bright light no truer than none. */
const MAX_ERROR = 0.15;
/** EGAIN counts steps of the converter with some programs, and of the file with others, which differ by 16: noise must know enough to tell. */
const MAX_HEADER_ERROR = 0.5;
const AGREES_SIGMA = 3;

/** The frames by camera, its settings and what calibration made of their levels, in the order of their first ones. Finished tiles tell nothing: their depth varies. */
export function photonGroups(frames: readonly MeasuredFrame[]): PhotonGroup[] {
  const groups = new Map<string, number[]>();
  for (const [f, { record, calibration, tile }] of frames.entries()) {
    const { instrument, gain, binning, sensor, exposures, bitpix, bscale, bzero } = record;
    const { bias, dark, flat } = calibration ?? {};
    const made = [bias, dark, flat].map((master) => master !== undefined);
    const key = JSON.stringify([
      ...[instrument, gain, binning, sensor.kind, exposures, bitpix, bscale, bzero],
      ...[record.electronsPerAdu, tile !== undefined, made],
    ]);
    const members = groups.get(key);
    if (members) members.push(f);
    else groups.set(key, [f]);
  }
  return [...groups.values()].map((members) => groupOf(frames, members));
}

function groupOf(frames: readonly MeasuredFrame[], members: readonly number[]): PhotonGroup {
  const unknown = { frames: members, toldBy: 'nothing' } as const;
  const { tile, record } = frames[members[0]];
  const found = tile ? undefined : photonGain(members.map((f) => frames[f].measure.background.grid));
  if (!found) return unknown;
  const { aduPerElectron, relativeError } = found;
  if (relativeError <= MAX_ERROR) {
    const electronsPerAdu = aduPerElectron.map((v) => 1 / v);
    return { frames: members, electronsPerAdu, toldBy: 'noise', relativeError };
  }
  const { electronsPerAdu: given, exposures = 1 } = record;
  if (given === undefined || exposures > 1 || relativeError > MAX_HEADER_ERROR) return unknown;
  // by their ratio: one too large by 16 is as far off as one too small
  const off = Math.max(...aduPerElectron.map((v) => Math.abs(Math.log(v * given))));
  if (off > AGREES_SIGMA * relativeError) return unknown;
  return {
    frames: members,
    electronsPerAdu: aduPerElectron.map(() => given),
    toldBy: 'header',
    relativeError,
  };
}
