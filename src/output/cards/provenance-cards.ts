// How a product came to be, as FITS cards: enough to make it again and to know what it is worth.
import type { CardInput } from '../../fits/write/format-card.js';

/** What the caller knows about the run. Times of day and durations stay out unless given: same run, same bytes. */
export interface Provenance {
  /** Program and version, for instance `ZeMosaic 0.1.0`. */
  readonly software: string;
  /** Digest of the effective configuration. */
  readonly configDigest: string;
  /** Backend that did the work, or the several that shared it. */
  readonly backend: string;
  /** Versions of what the numbers depend on: `{node: '20.20.2', adapter: '...'}`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly framesUsed: number;
  readonly framesTotal: number;
  /** Sum of the exposure times of the used frames, seconds. */
  readonly exposureSeconds?: number;
  /** Unit of the pixel values (FITS 4.0, section 4.3; default `adu`). */
  readonly unit?: string;
  readonly object?: string;
  /** Start of the first and end of the last used exposure, ISO 8601 UTC. */
  readonly dateBegin?: string;
  readonly dateEnd?: string;
  /** One line a stage, in order: what was done, by which backend. */
  readonly stages: readonly { readonly name: string; readonly backend: string; readonly detail?: string }[];
}

/** The cards of `provenance`, in a fixed order. Comments are the English of FITS headers everywhere. */
export function provenanceCards(provenance: Provenance): CardInput[] {
  const cards: CardInput[] = [
    { key: 'CREATOR', value: provenance.software, comment: 'program that made this file' },
    { key: 'ZMCONFIG', value: provenance.configDigest, comment: 'digest of the effective configuration' },
    { key: 'ZMBACKND', value: provenance.backend, comment: 'compute backend' },
    { key: 'NFRAMES', value: provenance.framesUsed, comment: 'frames combined' },
    { key: 'NFRAMTOT', value: provenance.framesTotal, comment: 'frames offered' },
  ];
  const optional: [string, string | number | undefined, string][] = [
    ['EXPTIME', provenance.exposureSeconds, '[s] sum of the exposure times of the frames'],
    ['OBJECT', provenance.object, 'object observed'],
    ['DATE-BEG', provenance.dateBegin, 'start of the first exposure'],
    ['DATE-END', provenance.dateEnd, 'end of the last exposure'],
  ];
  for (const [key, value, comment] of optional) if (value !== undefined) cards.push({ key, value, comment });
  for (const [name, version] of Object.entries(provenance.versions)) {
    cards.push({ key: 'HISTORY', comment: `version ${name} ${version}` });
  }
  for (const { name, backend, detail } of provenance.stages) {
    cards.push({
      key: 'HISTORY',
      comment: `stage ${name}: ${backend}${detail === undefined ? '' : `; ${detail}`}`,
    });
  }
  return cards;
}
