// The measured figures of a mosaic as FITS cards; figures that could not be measured have no card.
import type { CardInput } from '../../fits/write/format-card.js';

/** What the header says of a mosaic's quality; docs/report.md defines the figures. */
export interface QualityFigures {
  readonly samplesRejected: number;
  readonly frameShiftRmsPx: number | null;
  readonly starRmsPx: number | null;
  readonly catalogueRmsArcsec: number | null;
  readonly catalogueStars: number | null;
  readonly channels: readonly {
    readonly name: string;
    readonly zeroPointScatterPercent: number | null;
    readonly zeroPointFlatnessPercent: number | null;
    readonly seamStepAdu: number | null;
    readonly seamWorstOverNoise: number | null;
    readonly halvesChi2: number | null;
    readonly halvesApertureChi2: number | null;
    readonly noiseOverIdeal: number | null;
  }[];
}

/** Cards of a mosaic of so many channels of which everything could be measured. */
export const mostQualityCards = (channels: number): number => 5 + 7 * channels;

/** Cards of the primary header, in the order in which they stand. */
export function qualityCards(figures: QualityFigures): CardInput[] {
  const cards: [string, number | null, string][] = [
    ['ZMREJECT', figures.samplesRejected, 'fraction of the samples rejected'],
    ['ZMASTFRM', figures.frameShiftRmsPx, '[pix] rms offset of frames from the mosaic'],
    ['ZMASTSTR', figures.starRmsPx, '[pix] rms of frame stars about the mosaic'],
    ['ZMASTCAT', figures.catalogueRmsArcsec, '[arcsec] rms of mosaic stars about Tycho-2'],
    ['ZMASTNST', figures.catalogueStars, 'stars in ZMASTCAT'],
    ...figures.channels.flatMap((channel): [string, number | null, string][] => [
      [
        `ZMZPSC_${channel.name}`,
        channel.zeroPointScatterPercent,
        '[%] scatter of star fluxes about the frames',
      ],
      [`ZMZPFL_${channel.name}`, channel.zeroPointFlatnessPercent, '[%] zero point rms between parts'],
      [`ZMSEAM_${channel.name}`, channel.seamStepAdu, '[adu] rms step at frame edges'],
      [`ZMSEWN_${channel.name}`, channel.seamWorstOverNoise, 'worst edge step / noise of a pixel'],
      [`ZMCHI2_${channel.name}`, channel.halvesChi2, 'repeated halves: chi2 of pixels, 1 = true'],
      [`ZMCHIA_${channel.name}`, channel.halvesApertureChi2, 'the same of means over 12x12 pixels'],
      [`ZMNSID_${channel.name}`, channel.noiseOverIdeal, 'noise / inverse-variance coadd of all frames'],
    ]),
  ];
  return cards.flatMap(([key, value, comment]) => (value === null ? [] : [{ key, value, comment }]));
}
