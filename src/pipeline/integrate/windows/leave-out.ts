// Samples that say nothing are left out of a window: they get a value that says so.
import { BLANK_VALUE } from '../../../compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../../compute/contracts/decode.js';
import { sharedPasses } from '../../../simd/sample-passes.js';
import type { WindowRect, WindowSamples } from './frame-window.js';
import { pixelsOfRows } from './listed-pixels.js';
import { planeOf } from './sample-plane.js';

type StoredSamples = Extract<WindowSamples, { form: 'stored' }>;

/** Samples without those of `pixels` (as in a defect map) inside the window, in place where they have a value that says so. */
export function leaveOut(
  samples: WindowSamples,
  rect: WindowRect,
  nx: number,
  pixels: Uint32Array,
): WindowSamples {
  const runs = runsInside(pixels, rect, nx);
  if (runs.length === 0) return samples;
  const known = samples.form === 'stored' ? withBlank(samples) : samples;
  if (known.form === 'physical')
    for (let k = 0; k < runs.length; k += 2) known.values.fill(BLANK_VALUE, runs[k], runs[k + 1]);
  else {
    const blank = blankBytes(known);
    const size = blank.length;
    const { buffer, byteOffset, byteLength } = known.bytes;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    for (let k = 0; k < runs.length; k += 2) bytes.fill(blank, size * runs[k], size * runs[k + 1]);
  }
  return known;
}

/** Of those of `pixels` that lie in the window, by their place there, `[height, width]`: of each run the first and the one behind the last. */
function runsInside(pixels: Uint32Array, rect: WindowRect, nx: number): Uint32Array {
  const { x0, y0, width, height } = rect;
  const listed = pixelsOfRows(pixels, nx, y0, height);
  if (listed.length === 0) return listed;
  const room = sharedPasses();
  const at = room.put(listed);
  const runs = room.take(2 * listed.byteLength);
  const count = room.passes.runsInside(at, listed.length, nx, x0, y0, width, height, runs);
  return new Uint32Array(room.buffer, runs, 2 * count).slice();
}

/** What the file has for a sample that says nothing. */
function blankBytes({ sampleType, blank = NaN }: StoredSamples): Uint8Array {
  const view = new DataView(
    new ArrayBuffer(sampleType === SAMPLE_F32 ? 4 : sampleType === SAMPLE_I16 ? 2 : 1),
  );
  if (sampleType === SAMPLE_F32) view.setFloat32(0, blank);
  else if (sampleType === SAMPLE_I16) view.setInt16(0, blank);
  else view.setUint8(0, blank);
  return new Uint8Array(view.buffer);
}

/** Whole numbers with one among them that means "no sample": that of the file, or one that none of the window has; physical values where all are taken. */
function withBlank(samples: StoredSamples): WindowSamples {
  const { bytes, sampleType, blank, scale, zero } = samples;
  if (sampleType === SAMPLE_F32 || blank !== undefined) return samples;
  const isShort = sampleType === SAMPLE_I16;
  // numbered by their bytes, whatever their order
  const codes = isShort ? shortsOf(bytes) : bytes;
  const free = freeCode(codes, isShort ? 65536 : 256);
  if (free >= 0)
    return { ...samples, blank: isShort ? new DataView(Uint16Array.of(free).buffer).getInt16(0) : free };
  const { get } = planeOf(samples);
  return { form: 'physical', values: Float32Array.from(codes, (_, k) => zero + scale * get(k)) };
}

/** Values asked for one by one, which V8 does several times as fast as a loop does: one of the first is free in nearly every window. */
const ASKED_FOR = 8;

/** The first of `count` values that `codes` do not have; -1 where they have all. */
function freeCode(codes: Uint8Array | Uint16Array, count: number): number {
  for (let code = 0; code < ASKED_FOR; code++) if (!codes.includes(code)) return code;
  const taken = new Uint8Array(count);
  for (let k = 0; k < codes.length; k++) taken[codes[k]] = 1;
  return taken.indexOf(0);
}

function shortsOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array {
  return byteOffset % 2 === 0
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
