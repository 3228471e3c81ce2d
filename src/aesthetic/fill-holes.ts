// Holes of a mosaic, filled for the eye: blank samples inside it, near to light.
import { rowsPerBlock, type PlaneSource } from '../output/sources/plane-source.js';
import { BlankRegions } from './blank-regions.js';
import { grain } from './grain.js';
import { eachRow, Membrane } from './membrane.js';

export interface HoleOptions {
  /** Blank samples further than this from every sample of their plane that is not stay blank, pixels. */
  readonly radiusPx: number;
  /** Standard deviation of the samples, blank where they are: what is filled scatters like its surroundings. */
  readonly uncertainty: PlaneSource;
}

export interface FilledHoles {
  readonly image: PlaneSource;
  /** Samples that were filled, per plane. */
  readonly filled: readonly number[];
  /** Samples inside the mosaic that stay blank because they lie too far from light, per plane. */
  readonly left: readonly number[];
}

/** Rows of a strip at least: what is held of each plane at a time. */
const STRIP_ROWS = 128;

/** What is known of one plane that has holes. */
interface HoledPlane {
  readonly regions: BlankRegions;
  readonly values: Membrane;
  readonly deviations: Membrane;
  /** Strips with something to fill. */
  readonly strips: ReadonlySet<number>;
}

/**
 * Fills the blanks of each plane that do not reach the border of the mosaic over other blanks, up to `radiusPx` from light, with the membrane over them
 * and noise of the deviation of their surroundings. `mosaic` is read, never written; holes are filled again in whatever rows are
 * asked for, the same each time. Memory: a strip of rows of each plane, a few million cells, 4 bytes a region of blanks.
 */
export async function fillHoles(mosaic: PlaneSource, options: HoleOptions): Promise<FilledHoles> {
  const { nx, ny, planes } = mosaic;
  const filled: number[] = [];
  const left: number[] = [];
  const holed: (HoledPlane | undefined)[] = [];
  let stripRows = 0;
  for (let p = 0; p < planes; p++) {
    const values = new Membrane(nx, ny);
    stripRows = Math.ceil(STRIP_ROWS / values.factor) * values.factor;
    const regions = new BlankRegions(nx, ny, stripRows);
    await eachRow(mosaic, p, rowsPerBlock(nx, ny), (row) => {
      regions.addRow(row);
      values.addRow(row);
    });
    const inside = Array.from({ length: Math.ceil(ny / stripRows) }, (_, s) => s).filter((s) =>
      regions.hasInside(s),
    );
    [filled[p], left[p]] = [0, 0];
    const strips = new Set<number>();
    for (const s of inside) {
      const rows = await readStrip(mosaic, p, s * stripRows, stripRows, 0);
      const isNear = await nearLight(mosaic, p, rows, options.radiusPx);
      regions.insideOf(s, rowsOf(rows, nx), (y, first, end) => {
        for (let x = first; x < end; x++) {
          if (!isNear(x, y)) left[p]++;
          else {
            filled[p]++;
            strips.add(s);
          }
        }
      });
    }
    if (strips.size === 0) {
      holed.push(undefined);
      continue;
    }
    const deviations = new Membrane(nx, ny);
    await eachRow(options.uncertainty, p, rowsPerBlock(nx, ny), (row) => deviations.addRow(row));
    holed.push({ regions, values, deviations, strips });
  }
  return { image: holed.some((plane) => plane) ? source() : mosaic, filled, left };

  function source(): PlaneSource {
    /** The last strip of each plane. */
    const held: { s: number; data: Float32Array }[] = holed.map(() => ({ s: -1, data: new Float32Array(0) }));
    return {
      nx,
      ny,
      planes,
      async readRows(plane, y0, rows, out) {
        const known = holed[plane];
        for (let y = y0; y < y0 + rows;) {
          const s = Math.floor(y / stripRows);
          const end = Math.min(y0 + rows, (s + 1) * stripRows);
          const part = out.subarray((y - y0) * nx, (end - y0) * nx);
          if (!known?.strips.has(s)) await mosaic.readRows(plane, y, end - y, part);
          else {
            if (held[plane].s !== s) held[plane] = { s, data: await filledStrip(known, plane, s) };
            const first = (y - s * stripRows) * nx;
            part.set(held[plane].data.subarray(first, first + part.length));
          }
          y = end;
        }
      },
    };
  }

  async function filledStrip(
    { regions, values, deviations }: HoledPlane,
    plane: number,
    s: number,
  ): Promise<Float32Array> {
    const y0 = s * stripRows;
    const strip = await readStrip(mosaic, plane, y0, stripRows, 0);
    const isNear = await nearLight(mosaic, plane, strip, options.radiusPx);
    const smooth = await readStrip(mosaic, plane, y0, stripRows, values.margin);
    const deviation = await readStrip(options.uncertainty, plane, y0, stripRows, values.margin);
    for (const [pyramid, rows] of [
      [values, smooth],
      [deviations, deviation],
    ] as const)
      pyramid.fillStrip(rows.data, rows.top, y0, y0 + strip.rows);
    const shift = (y0 - smooth.top) * nx;
    regions.insideOf(s, rowsOf(strip, nx), (y, first, end) => {
      for (let x = first, at = y * nx + first; x < end; x++, at++)
        if (isNear(x, y))
          strip.data[at] = smooth.data[shift + at] + deviation.data[shift + at] * grain(plane, x, y0 + y);
    });
    return strip.data;
  }
}

interface Strip {
  readonly data: Float32Array;
  readonly top: number;
  readonly rows: number;
}

/** Rows `y0 - margin .. y0 + rows + margin - 1` as far as there are any. */
async function readStrip(
  source: PlaneSource,
  plane: number,
  y0: number,
  rows: number,
  margin: number,
): Promise<Strip> {
  const top = Math.max(0, y0 - margin);
  const count = Math.min(source.ny, y0 + rows + margin) - top;
  const data = new Float32Array(count * source.nx);
  await source.readRows(plane, top, count, data);
  return { data, top, rows: count };
}

const rowsOf = ({ data, rows }: Strip, nx: number): Float32Array[] =>
  Array.from({ length: rows }, (_, y) => data.subarray(y * nx, (y + 1) * nx));

/**
 * Whether a sample of a strip lies no further than `radius` from one that is not blank, on the plane: the columns' distances to light, then the union of the
 * intervals that each of them covers along the row. Memory: 2 bytes a sample of the strip, 3 rows; rows beyond it are read in blocks.
 */
async function nearLight(
  source: PlaneSource,
  plane: number,
  strip: Strip,
  radius: number,
): Promise<(x: number, y: number) => boolean> {
  const { nx, ny } = source;
  const none = Math.floor(radius) + 1;
  const away = new Uint16Array(strip.data.length).fill(none);
  const since = new Uint16Array(nx);
  const step = (row: Float32Array, out?: Uint16Array) => {
    for (let x = 0; x < nx; x++) {
      since[x] = row[x] - row[x] === 0 ? 0 : Math.min(none, since[x] + 1);
      if (out && since[x] < out[x]) out[x] = since[x];
    }
  };
  const at = (y: number) => [strip.data, away].map((a) => a.subarray(y * nx, (y + 1) * nx));
  const one = new Float32Array(nx);
  since.fill(none);
  for (let y = Math.max(0, strip.top - none); y < strip.top; y++) {
    await source.readRows(plane, y, 1, one);
    step(one);
  }
  for (let y = 0; y < strip.rows; y++) step(...(at(y) as [Float32Array, Uint16Array]));
  since.fill(none);
  for (let y = Math.min(ny, strip.top + strip.rows + none) - 1; y >= strip.top + strip.rows; y--) {
    await source.readRows(plane, y, 1, one);
    step(one);
  }
  for (let y = strip.rows - 1; y >= 0; y--) step(...(at(y) as [Float32Array, Uint16Array]));
  const covers = new Int32Array(nx + 1);
  let coveredRow = -1;
  return (x, y) => {
    if (coveredRow !== y) {
      coveredRow = y;
      covers.fill(0);
      for (let i = 0; i < nx; i++) {
        const dy = away[y * nx + i];
        if (dy > radius) continue;
        const reach = Math.floor(Math.sqrt(radius * radius - dy * dy));
        covers[Math.max(0, i - reach)]++;
        covers[Math.min(nx, i + reach + 1)]--;
      }
      for (let i = 1; i < nx; i++) covers[i] += covers[i - 1];
    }
    return covers[x] > 0;
  };
}
