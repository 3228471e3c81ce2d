// RADESYS and EQUINOX with their defaults (Paper II, section 3.1).
import type { CelestialFrame } from './celestial-wcs.js';
import { numberOf, textOf, type HeaderReader } from './header-reader.js';

/** The reference system of the sky coordinates. */
export interface SkyFrame {
  /** `ICRS`, `FK5`, `FK4`, ...; '' where the axes are not equatorial and the header is silent. */
  readonly radesys: string;
  readonly equinox: number | undefined;
}

/** Reads RADESYSa (old: RADECSYS) and EQUINOXa (old: EPOCH); for equatorial axes the defaults of Paper II apply. */
export function readSkyFrame(header: HeaderReader, frame: CelestialFrame, alt: string): SkyFrame {
  const old = alt === '' ? textOf(header, 'RADECSYS') : undefined;
  const written = (textOf(header, `RADESYS${alt}`) ?? old ?? '').toUpperCase();
  const equinox = equinoxOf(header, `EQUINOX${alt}`) ?? (alt === '' ? equinoxOf(header, 'EPOCH') : undefined);
  if (written === 'ICRS') return { radesys: written, equinox: undefined };
  if (written !== '') {
    const usual = written === 'FK5' ? 2000 : written.startsWith('FK4') ? 1950 : undefined;
    return { radesys: written, equinox: equinox ?? usual };
  }
  if (frame !== 'equatorial' && frame !== 'ecliptic') return { radesys: '', equinox };
  if (equinox === undefined) return { radesys: 'ICRS', equinox: undefined };
  return { radesys: equinox < 1984 ? 'FK4' : 'FK5', equinox };
}

/** A year; `J2000` and `B1950` are understood, other text in a card that does not place the image is no reason to fail. */
function equinoxOf(header: HeaderReader, key: string): number | undefined {
  const text = textOf(header, key);
  const value = text === undefined ? numberOf(header, key) : Number(text.replace(/^[JB]/i, ''));
  return value !== undefined && value > 0 && Number.isFinite(value) ? value : undefined;
}
