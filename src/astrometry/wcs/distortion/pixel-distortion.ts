// All that happens to pixel coordinates before the matrix: detector-to-image tables, then SIP and CPDIS tables, whose
// offsets add (the order that astropy documents).
import type { SipCoefficients } from '../celestial-wcs.js';
import type { HeaderReader } from '../header-reader.js';
import { WcsError } from '../wcs-error.js';
import type { Distortion } from './distortion.js';
import { lookupOffset, type LookupTable, type LookupTables } from './lookup-table.js';
import { newtonInverse, type NewtonTarget } from './newton.js';
import { SipDistortion } from './sip.js';

/** What the header and the caller bring. */
export interface PixelDistortionInputs {
  readonly sip: SipCoefficients | undefined;
  readonly crpix: readonly [number, number];
  readonly pixelAxes: readonly [number, number];
  readonly tables: LookupTables | undefined;
}

/** The distortion (undefined when there is none) and its kinds for the description. */
export interface PixelDistortionParts {
  readonly distortion: Distortion | undefined;
  readonly kinds: readonly ('sip' | 'lookup')[];
}

/**
 * @throws WcsError wcs_distortion_unknown for a CPDIS or D2IMDIS other than 'Lookup', wcs_lookup_missing when the table
 * that the header names is not among `tables`, wcs_lookup_invalid for a table that does not hold together.
 */
export function makePixelDistortion(
  header: HeaderReader,
  inputs: PixelDistortionInputs,
): PixelDistortionParts {
  const { sip, crpix, pixelAxes, tables } = inputs;
  const d2im = pixelAxes.map((axis) => tableFor(header, `D2IMDIS${axis}`, tables?.d2im?.[axis - 1]));
  const cpdis = pixelAxes.map((axis) => tableFor(header, `CPDIS${axis}`, tables?.cpdis?.[axis - 1]));
  const sipPart = sip && new SipDistortion(sip, crpix[0], crpix[1]);
  const kinds = sip ? (['sip'] as const) : ([] as const);
  if ([...d2im, ...cpdis].every((table) => table === undefined)) return { distortion: sipPart, kinds };
  return {
    distortion: new TableDistortion(sipPart, [d2im[0], d2im[1]], [cpdis[0], cpdis[1]]),
    kinds: [...kinds, 'lookup'],
  };
}

function tableFor(
  header: HeaderReader,
  key: string,
  table: LookupTable | undefined,
): LookupTable | undefined {
  const kind = header.get(key);
  if (kind === undefined) return undefined;
  if (typeof kind !== 'string' || kind.trim().toLowerCase() !== 'lookup') {
    throw new WcsError('wcs_distortion_unknown', { key, value: kind });
  }
  if (table === undefined) throw new WcsError('wcs_lookup_missing', { key });
  const [nx, ny] = table.naxis;
  if (!(nx >= 1 && ny >= 1) || table.data.length !== nx * ny || !table.cdelt.every((step) => step !== 0)) {
    throw new WcsError('wcs_lookup_invalid', { key, width: nx, height: ny, values: table.data.length });
  }
  return table;
}

type Pair = readonly [LookupTable | undefined, LookupTable | undefined];

class TableDistortion implements Distortion, NewtonTarget {
  fx = 0;
  fy = 0;
  fxx = 1;
  fxy = 0;
  fyx = 0;
  fyy = 1;
  readonly #start = new Float64Array(3);

  constructor(
    private readonly sip: SipDistortion | undefined,
    private readonly d2im: Pair,
    private readonly cpdis: Pair,
  ) {}

  apply(x: number, y: number, out: Float64Array): void {
    const px = this.d2im[0] ? x + lookupOffset(this.d2im[0], x, y) : x;
    const py = this.d2im[1] ? y + lookupOffset(this.d2im[1], x, y) : y;
    out[0] = px;
    out[1] = py;
    if (this.sip) this.sip.apply(px, py, out);
    if (this.cpdis[0]) out[0] += lookupOffset(this.cpdis[0], px, py);
    if (this.cpdis[1]) out[1] += lookupOffset(this.cpdis[1], px, py);
  }

  /** The derivatives are those of SIP alone: table slopes are of the order 1e-3, which slows Newton but keeps its fixed point. */
  evaluate(x: number, y: number): void {
    if (this.sip) {
      this.sip.evaluate(x, y);
      this.fxx = this.sip.fxx;
      this.fxy = this.sip.fxy;
      this.fyx = this.sip.fyx;
      this.fyy = this.sip.fyy;
    }
    this.apply(x, y, this.#start);
    this.fx = this.#start[0];
    this.fy = this.#start[1];
  }

  invert(x: number, y: number, out: Float64Array): boolean {
    let startX = x;
    let startY = y;
    if (this.sip?.invert(x, y, out)) {
      startX = out[0];
      startY = out[1];
    }
    return newtonInverse(this, x, y, startX, startY, 1e-10, out);
  }
}
