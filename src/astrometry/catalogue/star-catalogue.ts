// The compact Tycho-2 catalogue (data/README.md has the layout): cells of about a square degree, brightest stars first.
import { DEG_TO_RAD, RAD_TO_DEG } from '../wcs/angles.js';
import type { UnitVector } from '../wcs/sphere.js';
import { CatalogueError } from './catalogue-error.js';
import { allocateStars, type CatalogueStars } from './catalogue-stars.js';
import type { CheckedFile } from './checked-file.js';

const MAGIC = 'TYC2CAT1';
const HEADER_BYTES = 64;
const EXCEPTION_BYTES = 8;
const RECORD_BYTES = 6;
/** One milliarcsecond in radians. */
const MAS = DEG_TO_RAD / 3.6e6;

export interface ConeOptions {
  /** Julian year of the observation; the catalogue's own epoch unless told. Moves the stars of large proper motion. */
  readonly epoch?: number;
  /** At most this many of the brightest stars of each cell of a square degree; all unless told. */
  readonly perCell?: number;
}

/** A catalogue in memory. Queries share nothing that changes. */
export class StarCatalogue {
  readonly starCount: number;
  readonly cellCount: number;
  readonly exceptionCount: number;
  /** Epoch of the positions, Julian years. */
  readonly epoch: number;
  readonly name: string;
  readonly #bytes: Uint8Array;
  /** Where bytes come from that are not there yet. */
  readonly #file: CheckedFile | undefined;
  readonly #stars: number;
  readonly #nRa: Uint16Array;
  readonly #firstCell: Uint32Array;
  readonly #start: Uint32Array;
  /** `[exceptions, 2]`, the first of which is the star; `[exceptions, 4]`, the last two of which are its motion. */
  readonly #exceptions: Uint32Array;
  readonly #motion: Int16Array;
  readonly #scales: { mag: number; magOffset: number; colour: number; colourOffset: number };

  /**
   * Of the bytes of a catalogue file, which the object keeps: all of them, or those that were wanted of `file` so far; what digests of it vouch for is not looked through.
   * @throws CatalogueError catalogue_damaged for anything that is not a whole, consistent catalogue; what `CheckedFile` throws.
   */
  constructor(bytes: Uint8Array, name: string, file?: CheckedFile) {
    const damaged = (rule: string) => new CatalogueError('catalogue_damaged', { file: name, rule });
    if (bytes.length < HEADER_BYTES) throw damaged('length');
    file?.want(0, HEADER_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== MAGIC) throw damaged('signature');
    const bands = view.getUint16(8, true);
    this.cellCount = view.getUint32(12, true);
    this.starCount = view.getUint32(16, true);
    this.exceptionCount = view.getUint32(20, true);
    this.epoch = view.getFloat64(24, true);
    this.#scales = {
      mag: view.getFloat32(32, true),
      magOffset: view.getFloat32(36, true),
      colour: view.getFloat32(40, true),
      colourOffset: view.getFloat32(44, true),
    };
    if (bands !== 180 || view.getUint16(10, true) !== RECORD_BYTES) throw damaged('layout');
    const startsAt = HEADER_BYTES + 2 * bands;
    const exceptionsAt = startsAt + 4 * (this.cellCount + 1);
    this.#stars = exceptionsAt + EXCEPTION_BYTES * this.exceptionCount;
    if (this.#stars + RECORD_BYTES * this.starCount !== bytes.length) throw damaged('length');
    file?.want(0, this.#stars);
    this.#bytes = bytes;
    this.name = name;
    this.#file = file;
    // the processor's own order of bytes, as everywhere where memory is shared with WebAssembly
    const part = (from: number, to: number) => new Uint8Array(bytes.subarray(from, to)).buffer;
    this.#nRa = new Uint16Array(part(HEADER_BYTES, startsAt));
    this.#firstCell = new Uint32Array(bands + 1);
    for (let k = 0; k < bands; k++) this.#firstCell[k + 1] = this.#firstCell[k] + this.#nRa[k];
    this.#start = new Uint32Array(part(startsAt, exceptionsAt));
    const exceptions = part(exceptionsAt, this.#stars);
    this.#exceptions = new Uint32Array(exceptions);
    this.#motion = new Int16Array(exceptions);
    if (file) return;
    if (this.#firstCell[bands] !== this.cellCount || this.#nRa.includes(0)) throw damaged('cells');
    if (this.#start[0] !== 0 || this.#start[this.cellCount] !== this.starCount) throw damaged('cells');
    for (let c = 0; c < this.cellCount; c++) {
      if (this.#start[c] > this.#start[c + 1]) throw damaged('cells');
    }
    for (let e = 0; e < this.exceptionCount; e++) {
      const before = e === 0 ? -1 : this.#exceptions[2 * (e - 1)];
      if (this.#exceptions[2 * e] <= before || this.#exceptions[2 * e] >= this.starCount)
        throw damaged('motions');
    }
  }

  /** All bytes of the file, for another thread. @throws as `cone`. */
  get bytes(): Uint8Array {
    this.#file?.want(0, this.#bytes.length);
    return this.#bytes;
  }

  /** Stars within `radiusRad` (at most pi) of the unit vector `centre`, cell by cell, in each cell the brightest first. @throws what `CheckedFile` throws where their bytes are not there yet. */
  cone(centre: UnitVector, radiusRad: number, options: ConeOptions = {}): CatalogueStars {
    const perCell = options.perCell ?? Infinity;
    const cells = this.#cellsOfCone(centre, radiusRad);
    let room = 0;
    for (const cell of cells) room += Math.min(perCell, this.#start[cell + 1] - this.#start[cell]);
    const out = allocateStars(room);
    const years = (options.epoch ?? this.epoch) - this.epoch;
    const chord = 2 * Math.sin(Math.min(radiusRad, Math.PI) / 2);
    let count = 0;
    for (const cell of cells) count = this.#readCell(cell, perCell, years, centre, chord * chord, out, count);
    return {
      count,
      x: out.x.subarray(0, count),
      y: out.y.subarray(0, count),
      z: out.z.subarray(0, count),
      vt: out.vt.subarray(0, count),
      colour: out.colour.subarray(0, count),
      poor: out.poor.subarray(0, count),
      index: out.index.subarray(0, count),
    };
  }

  /** Cells that a cone may touch. */
  #cellsOfCone(centre: UnitVector, radiusRad: number): number[] {
    const dec = Math.atan2(centre[2], Math.hypot(centre[0], centre[1])) * RAD_TO_DEG;
    const ra = Math.atan2(centre[1], centre[0]) * RAD_TO_DEG;
    const radius = radiusRad * RAD_TO_DEG;
    const bands = this.#nRa.length;
    const low = Math.max(0, Math.floor(dec - radius + 90));
    const high = Math.min(bands - 1, Math.floor(dec + radius + 90));
    const reach = Math.sin(radiusRad) / Math.cos(dec * DEG_TO_RAD);
    // with a pole inside, every right ascension belongs to the cone
    const half = Math.abs(dec) + radius >= 90 ? 180 : Math.asin(Math.min(1, reach)) * RAD_TO_DEG;
    const cells: number[] = [];
    for (let k = low; k <= high; k++) {
      const n = this.#nRa[k];
      const first = Math.floor(((ra - half) * n) / 360);
      const last = Math.min(Math.floor(((ra + half) * n) / 360), first + n - 1);
      for (let j = first; j <= last; j++) cells.push(this.#firstCell[k] + (((j % n) + n) % n));
    }
    return cells;
  }

  #readCell(
    cell: number,
    perCell: number,
    years: number,
    centre: UnitVector,
    chord2: number,
    out: CatalogueStars,
    count: number,
  ): number {
    const band = this.#bandOf(cell);
    const n = this.#nRa[band];
    const j = cell - this.#firstCell[band];
    const from = this.#start[cell];
    const to = Math.min(this.#start[cell + 1], from + perCell);
    this.#file?.want(this.#stars + RECORD_BYTES * from, this.#stars + RECORD_BYTES * to);
    const bytes = this.#bytes;
    let exception = years === 0 ? this.exceptionCount : this.#firstException(from);
    for (let s = from; s < to; s++) {
      const at = this.#stars + RECORD_BYTES * s;
      const ra = ((j + ((bytes[at] | (bytes[at + 1] << 8)) + 0.5) / 65536) * 2 * Math.PI) / n;
      const dec = (band - 90 + ((bytes[at + 2] | (bytes[at + 3] << 8)) + 0.5) / 65536) * DEG_TO_RAD;
      const cosDec = Math.cos(dec);
      let x = cosDec * Math.cos(ra);
      let y = cosDec * Math.sin(ra);
      let z = Math.sin(dec);
      if (exception < this.exceptionCount && this.#exceptions[2 * exception] === s) {
        const east = this.#motion[4 * exception + 2] * MAS * years;
        const north = this.#motion[4 * exception + 3] * MAS * years;
        exception++;
        const [sinRa, cosRa, sinDec] = [Math.sin(ra), Math.cos(ra), z];
        x += -sinRa * east - sinDec * cosRa * north;
        y += cosRa * east - sinDec * sinRa * north;
        z += cosDec * north;
        const length = Math.hypot(x, y, z);
        x /= length;
        y /= length;
        z /= length;
      }
      const [dx, dy, dz] = [x - centre[0], y - centre[1], z - centre[2]];
      if (dx * dx + dy * dy + dz * dz > chord2) continue;
      out.x[count] = x;
      out.y[count] = y;
      out.z[count] = z;
      out.vt[count] = bytes[at + 4] / this.#scales.mag + this.#scales.magOffset;
      const colour = bytes[at + 5] & 0x7f;
      out.colour[count] = colour === 0 ? NaN : (colour - 1) * this.#scales.colour + this.#scales.colourOffset;
      out.poor[count] = bytes[at + 5] >> 7;
      out.index[count] = s;
      count++;
    }
    return count;
  }

  #bandOf(cell: number): number {
    let [low, high] = [0, this.#nRa.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#firstCell[middle] <= cell) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The first exception at or after star `star`. */
  #firstException(star: number): number {
    let [low, high] = [0, this.exceptionCount];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#exceptions[2 * middle] < star) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
