// Defects of a sensor that are known by their place: in each window they get the median of their sound neighbours, or are left out.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../compute/contracts/decode.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import type { WindowRect, WindowSamples } from './frame-window.js';

/** Pixels of a frame, `y * nx + x` ascending, whose samples say nothing. */
export interface DefectMap {
  readonly pixels: Uint32Array;
  /** Tells maps apart. */
  readonly digest: string;
}

/** How far away, in pixels, a defect's neighbours lie at most. */
export const DEFECT_REACH = 2;

/**
 * In place, in samples of one plane: every defect inside the window becomes the median of the up to eight samples at distance `step` (2 on a CFA) that are
 * valid and no defects; without any it stays. What a window gives is what the whole frame gives wherever DEFECT_REACH pixels around are inside it.
 */
export function repairDefects(
  samples: WindowSamples,
  rect: WindowRect,
  nx: number,
  step: 1 | 2,
  { pixels }: DefectMap,
): void {
  const plane = planeOf(samples);
  for (const k of pixelsInside(pixels, rect, nx)) {
    const [px, py] = [k % rect.width, Math.floor(k / rect.width)];
    const around: number[] = [];
    for (let wy = py - step; wy <= py + step; wy += step) {
      for (let wx = px - step; wx <= px + step; wx += step) {
        if (wx < 0 || wy < 0 || wx >= rect.width || wy >= rect.height) continue;
        // the defect itself is one of those that are left out
        if (holds(pixels, (rect.y0 + wy) * nx + rect.x0 + wx)) continue;
        const value = plane.get(wy * rect.width + wx);
        if (value !== undefined) around.push(value);
      }
    }
    if (around.length > 0) plane.set(k, medianOf(around));
  }
}

/** Samples without those of `pixels` (as in a defect map) inside the window, in place where they have a value that says so. */
export function leaveOut(
  samples: WindowSamples,
  rect: WindowRect,
  nx: number,
  pixels: Uint32Array,
): WindowSamples {
  const inside = pixelsInside(pixels, rect, nx);
  if (inside.length === 0) return samples;
  const known = samples.form === 'stored' ? withBlank(samples) : samples;
  if (known.form === 'physical') for (const k of inside) known.values[k] = BLANK_VALUE;
  else {
    const plane = planeOf(known);
    for (const k of inside) plane.set(k, known.blank ?? NaN);
  }
  return known;
}

/** Places in the window, `[height, width]`, of those of `pixels` (as in a defect map) that lie in it, ascending. */
export function pixelsInside(pixels: Uint32Array, rect: WindowRect, nx: number): number[] {
  const inside: number[] = [];
  for (let y = rect.y0; y < rect.y0 + rect.height; y++) {
    const end = y * nx + rect.x0 + rect.width;
    for (let k = lowerBound(pixels, y * nx + rect.x0); k < pixels.length && pixels[k] < end; k++)
      inside.push((y - rect.y0) * rect.width + pixels[k] - y * nx - rect.x0);
  }
  return inside;
}

/** Whole numbers with one among them that means "no sample": that of the file, or one that none of the window has; physical values where all are taken. */
function withBlank(samples: Extract<WindowSamples, { form: 'stored' }>): WindowSamples {
  const { bytes, sampleType, blank, scale, zero } = samples;
  if (sampleType === SAMPLE_F32 || blank !== undefined) return samples;
  const isShort = sampleType === SAMPLE_I16;
  // numbered by their bytes, whatever their order
  const codes = isShort ? shortsOf(bytes) : bytes;
  const free = freeCode(codes, isShort ? 65536 : 256);
  if (free >= 0)
    return { ...samples, blank: isShort ? new DataView(Uint16Array.of(free).buffer).getInt16(0) : free };
  const { get } = planeOf(samples);
  return { form: 'physical', values: Float32Array.from(codes, (_, k) => zero + scale * get(k)!) };
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

/** Samples by their index, in their own units; undefined where there is none. */
interface SamplePlane {
  readonly get: (index: number) => number | undefined;
  readonly set: (index: number, value: number) => void;
}

function planeOf(samples: WindowSamples): SamplePlane {
  if (samples.form === 'physical') {
    const { values } = samples;
    return {
      get: (index) => (values[index] > BLANK_LIMIT ? values[index] : undefined),
      set: (index, value) => (values[index] = value),
    };
  }
  const { bytes, sampleType, blank } = samples;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = (value: number) => (value === blank || !Number.isFinite(value) ? undefined : value);
  if (sampleType === SAMPLE_F32) {
    return {
      get: (index) => known(view.getFloat32(4 * index)),
      set: (index, value) => view.setFloat32(4 * index, value),
    };
  }
  if (sampleType === SAMPLE_I16) {
    return {
      get: (index) => known(view.getInt16(2 * index)),
      set: (index, value) => view.setInt16(2 * index, Math.round(value)),
    };
  }
  return {
    get: (index) => known(bytes[index]),
    set: (index, value) => (bytes[index] = Math.round(value)),
  };
}

/** Index of the first entry that is not below `value`. */
function lowerBound(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function holds(sorted: Uint32Array, value: number): boolean {
  return sorted[lowerBound(sorted, value)] === value;
}
