// How the samples of a frame lie: one plane, three planes, or a colour filter array, and then which colour is where.
import type { FitsHeader } from '../fits/header.js';
import type { CfaSites } from '../photometry/background/background-mesh.js';
import type { FrameReason } from './frame-reason.js';
import { firstNumber, firstText } from './header-values.js';

export type BayerPattern = 'RGGB' | 'BGGR' | 'GRBG' | 'GBRG';

export type Sensor =
  | { readonly kind: 'mono' }
  | { readonly kind: 'rgb' }
  | {
      readonly kind: 'cfa';
      /** Colours in the order of the file: first row of the file first. */
      readonly pattern: BayerPattern;
      /** The same by site: index (y&1)*2 + (x&1), 0-based file coordinates; 0 red, 1 green, 2 blue. */
      readonly sites: CfaSites;
    };

const PATTERN_KEYS = ['BAYERPAT', 'BAYERPATN', 'COLORTYP', 'CFA_PAT', 'CFAIMAGE', 'FILTPAT'] as const;
const PATTERNS: readonly string[] = ['RGGB', 'BGGR', 'GRBG', 'GBRG'];
/** Values of those cards that say "no pattern". */
const NO_PATTERN = /^(|none|no|f|mono|monochrome|grayscale|gray|l|rgb|bgr|osc|yes|t|true|false)$/i;

/**
 * The sensor of an image of `planes` planes of `height` rows. Three planes are RGB, whatever pattern card a converter left behind. One
 * plane with a pattern is a CFA; a Seestar's without the card is GRBG; else it is mono.
 *
 * BAYERPAT names the pattern as seen in the picture the right way up. With ROWORDER = 'BOTTOM-UP' the file begins with the bottom row, so
 * the rows of the tile change places when the number of rows is even, and stay when it is odd (the keyword's definition: free-astro.org,
 * "Siril:FITS orientation"; Siril, CCDCiel, N.I.N.A., KStars read it so). 'TOP-DOWN' and, as these cameras' drivers do, no card at all mean
 * that the file begins with the top row. XBAYROFF and YBAYROFF count in file coordinates, after that: sample (x, y) has the
 * colour of tile ((x + XBAYROFF) mod 2, (y + YBAYROFF) mod 2).
 */
export function sensorOf(
  header: FitsHeader,
  planes: number,
  height: number,
): { sensor: Sensor } | { reason: FrameReason } {
  if (planes === 3) return { sensor: { kind: 'rgb' } };
  if (planes !== 1) return { reason: { code: 'frames_reject_planes', params: { planes } } };
  const given = givenPattern(header);
  if (given === undefined) return { sensor: { kind: 'mono' } };
  if (!PATTERNS.includes(given.pattern))
    return {
      reason: { code: 'frames_reject_cfa_unknown', params: { key: given.key, value: given.pattern } },
    };
  const rowOrder = firstText(header, 'ROWORDER')?.toUpperCase() ?? '';
  const flipped = rowOrder.startsWith('BOTTOM') && height % 2 === 0;
  const xOffset = parity(firstNumber(header, 'XBAYROFF', 'BAYOFFX', 'BAYEROFFX'));
  const yOffset = parity(firstNumber(header, 'YBAYROFF', 'BAYOFFY', 'BAYEROFFY')) ^ (flipped ? 1 : 0);
  const letters = [0, 1, 2, 3].map(
    (site) => given.pattern[(((site >> 1) + yOffset) & 1) * 2 + ((site + xOffset) & 1)],
  );
  return {
    sensor: {
      kind: 'cfa',
      pattern: letters.join('') as BayerPattern,
      sites: letters.map((letter) => 'RGB'.indexOf(letter)) as unknown as CfaSites,
    },
  };
}

function givenPattern(header: FitsHeader): { key: string; pattern: string } | undefined {
  for (const key of PATTERN_KEYS) {
    const text = firstText(header, key)
      ?.toUpperCase()
      .replace(/[^A-Z]/g, '');
    if (text !== undefined && !NO_PATTERN.test(text)) return { key, pattern: text };
  }
  const camera = `${firstText(header, 'INSTRUME') ?? ''} ${firstText(header, 'CREATOR') ?? ''}`;
  return /seestar/i.test(camera) ? { key: 'INSTRUME', pattern: 'GRBG' } : undefined;
}

function parity(offset: number | undefined): number {
  return Math.round(offset ?? 0) & 1;
}
