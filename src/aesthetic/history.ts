// What was altered, in words of the header: a file that is copied away from its report still says what it is.
import type { CardInput } from '../fits/write/format-card.js';
import type { AestheticReport } from '../report/aesthetic-report.js';

/** A HISTORY card for each step, the unit, and what marks filled holes. */
export function historyOf({
  blend,
  seams,
  background,
  colour,
  black_point,
  holes,
}: AestheticReport): CardInput[] {
  const lines: string[] = [];
  if (blend) lines.push(`blend: ${blend.stacks} stacks, bands up to ${blend.width_px} px`);
  if (seams)
    lines.push(
      `seams ${seams.strength}: steps ${list(seams.step_before_adu)} to ${list(seams.step_after_adu)} adu rms, frames offset up to ${list(seams.largest_adu)}`,
    );
  if (background) {
    const { strength, shape, removed_adu, residual_adu, sky_share } = background;
    lines.push(
      shape === 'surface'
        ? `background ${strength}: took off ${list(removed_adu)} adu peak to valley, left ${list(residual_adu)} rms; sky ${percent(sky_share)}`
        : `background ${strength}: too little sky, no surface taken off`,
    );
  }
  if (colour) {
    const { white, gains, stars, scatter_dex } = colour;
    const by =
      white === 'catalogue' ? `${stars} Tycho-2 stars, scatter ${list(scatter_dex ?? [])} dex` : white;
    lines.push(`colour: gains ${list(gains)} by ${by}`);
  }
  if (black_point)
    lines.push(
      `black point: sky ${list(black_point.sky_adu)} adu to ${black_point.pedestal_adu} in all planes`,
    );
  if (holes)
    lines.push(
      `holes: ${holes.filled.join(' ')} blank samples of the planes filled up to ${holes.radius_px} px from light, ${holes.left.join(' ')} left`,
    );
  return [
    { key: 'BUNIT', value: 'adu', comment: 'not photometric: see HISTORY' },
    ...(holes
      ? [
          { key: 'ZMHFILL', value: holes.filled.some((n) => n > 0), comment: 'blank samples were filled' },
          { key: 'ZMHFRAD', value: holes.radius_px, comment: '[pixel] furthest from light that is filled' },
        ]
      : []),
    ...lines.map((line) => ({ key: 'HISTORY', comment: `aesthetic ${line}` })),
  ];
}

const list = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4))).join(' ');
const percent = (share: number) => `${Math.round(100 * share)} %`;
