// Frames that the catalogue could not place, placed by frames that it could: the stars that both show carry the sky over.
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { FieldMatch } from './judge-match.js';
import { matchFields } from './match-fields.js';
import {
  missPx,
  opticsOf,
  placeThrough,
  plainOptics,
  type KnownDirection,
  type Optics,
} from './place-through.js';
import type { PlacedFrame, SessionFrame } from './session-frame.js';

/** Neighbours that carry the sky over: more of them spread over more of the frame, and bear each other out. */
const WITNESSES = 3;
/** Neighbours agree when each one's stars lie this near to the place that all give, root mean square. */
const AGREE_PX = 2;
/** Neighbours' own places may be off by this much: headers' are. Beyond, one of them is wrong, and nobody knows which. */
const CONTRADICT_PX = 20;
/** Beyond this the joint adjustment would not find the stars in the corners again. */
const MAX_CORNER_ERROR_PX = 1;
/** Frames of one size whose scales differ by less are of one camera: they share its distortion. */
const SAME_CAMERA = 0.005;

export interface NeighbourPlace {
  readonly wcs: CelestialWcs;
  readonly matched: number;
  readonly rmsPx: number;
  readonly logOdds: number;
}

interface Witness {
  readonly neighbour: PlacedFrame;
  readonly match: FieldMatch;
  readonly known: readonly KnownDirection[];
}

/** Looks at neighbours in their order until three have stars in common with the frame. Undefined when none has, or when they contradict each other. */
export function placeByNeighbours(
  frame: SessionFrame,
  neighbours: Iterable<PlacedFrame>,
): NeighbourPlace | undefined {
  const witnesses: Witness[] = [];
  for (const neighbour of neighbours) {
    const match = matchFields(frame.field(), neighbour.field());
    if (match) witnesses.push({ neighbour, match, known: directions(frame, neighbour, match) });
    if (witnesses.length === WITNESSES) break;
  }
  if (witnesses.length === 0) return undefined;
  witnesses.sort((a, b) => b.known.length - a.known.length);
  const all = placeFrom(frame, witnesses);
  if (all && witnesses.every(({ known }) => rmsMiss(all.wcs, known) < AGREE_PX)) return all;
  const best = placeFrom(frame, witnesses.slice(0, 1));
  const agreed = best && witnesses.every(({ known }) => rmsMiss(best.wcs, known) < CONTRADICT_PX);
  return agreed ? best : undefined;
}

/** Undefined when the stars leave the corners uncertain. */
function placeFrom(
  { image: { width, height } }: SessionFrame,
  witnesses: readonly Witness[],
): NeighbourPlace | undefined {
  const known = witnesses.flatMap((witness) => witness.known);
  const optics = carriedOptics(witnesses[0], width, height);
  const placed = placeThrough(known, optics, width, height);
  if (!placed || !(placed.cornerErrorPx <= MAX_CORNER_ERROR_PX)) return undefined;
  const logOdds = Math.max(...witnesses.map(({ match }) => match.logOdds));
  return { wcs: placed.wcs, matched: known.length, rmsPx: placed.rmsPx, logOdds };
}

function directions(
  { image }: SessionFrame,
  neighbour: PlacedFrame,
  { shared }: FieldMatch,
): KnownDirection[] {
  const v = new Float64Array(3);
  const theirs = neighbour.image.stars;
  return shared.flatMap(([s, o]): KnownDirection[] =>
    neighbour.wcs.pixelToUnit(theirs.x[o], theirs.y[o], v)
      ? [{ x: image.stars.x[s], y: image.stars.y[s], sky: [v[0], v[1], v[2]] }]
      : [],
  );
}

/** The neighbour's own, where both come from one camera the same way round. */
function carriedOptics({ neighbour, match }: Witness, width: number, height: number): Optics {
  const { wcs, image } = neighbour;
  const [a, , , d] = match.fit.map;
  const stretch = Math.hypot(a, d);
  const [p, q, r, s] = wcs.describe().cd;
  const sign = p * s - q * r > 0 ? 1 : -1;
  const same = image.width === width && image.height === height && match.parity === 1;
  const theirs = same && Math.abs(stretch - 1) < SAME_CAMERA ? opticsOf(wcs) : undefined;
  const scale = wcs.pixelScaleArcsec((image.width + 1) / 2, (image.height + 1) / 2) * stretch;
  return theirs ?? plainOptics(width, height, scale, match.parity === sign ? 1 : -1);
}

function rmsMiss(wcs: CelestialWcs, known: readonly KnownDirection[]): number {
  return Math.sqrt(known.reduce((sum, star) => sum + missPx(wcs, star) ** 2, 0) / known.length);
}
