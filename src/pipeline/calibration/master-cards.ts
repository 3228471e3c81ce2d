// Header of a master: with it, a kept master serves another run like any other.
import type { CardValue } from '../../fits/card.js';
import type { CardInput } from '../../fits/write/format-card.js';
import type { CalibrationGroup } from './calibration-group.js';

const TYPE = { dark: 'Master Dark', flat: 'Master Flat', bias: 'Master Bias', dark_flat: 'Master DarkFlat' };

export function masterCards({ kind, frames, temperatureC }: CalibrationGroup): CardInput[] {
  const { record } = frames[0];
  const exposures = frames.reduce((sum, frame) => sum + (frame.record.exposures ?? 1), 0);
  const cards: [string, CardValue | undefined, string][] = [
    ['IMAGETYP', TYPE[kind], 'kind of calibration frame'],
    ['NCOMBINE', exposures, 'exposures combined'],
    ['EXPTIME', record.exposureS, 'seconds'],
    ['GAIN', record.gain, ''],
    ['CCD-TEMP', temperatureC, 'degrees Celsius'],
    ['XBINNING', record.binning, ''],
    ['YBINNING', record.binning, ''],
    ['FILTER', kind === 'flat' ? record.filter : undefined, ''],
    ['INSTRUME', record.instrument, ''],
    ['BAYERPAT', record.sensor.kind === 'cfa' ? record.sensor.pattern : undefined, 'as in the file'],
  ];
  return cards.flatMap(([key, value, comment]) => (value === undefined ? [] : [{ key, value, comment }]));
}
