// HCOMPRESS_1 (FITS 4.0, section 10.4.4; White, Postman & Lattanzi 1992): an H-transform (2-D Haar) whose coefficients
// are stored as bit planes, each a quadtree with a fixed Huffman code. Integers live in float64: exact to 2^53, where
// 32 bits would overflow for 32-bit images.
import { CorruptTile } from './codec-error.js';
import { invertHTransform } from './h-transform.js';

const HEADER_BYTES = 2 + 4 * 3 + 8 + 3;
/** float64 keeps integers of 53 bits; real images need no more than about 45 planes. */
const MAX_PLANES = 52;

/** Four-bit patterns of the fixed Huffman code by length: code value - offset -> pattern. */
const PATTERNS_3 = [1, 2, 4, 8];
const PATTERNS_4 = [3, 5, 10, 12, 15];
const PATTERNS_5 = [6, 7, 9, 11, 13];

class Bits {
  #word = 0;
  #held = 0;
  constructor(
    readonly bytes: Uint8Array,
    private at: number,
  ) {}

  take(count: number): number {
    while (this.#held < count) {
      if (this.at >= this.bytes.length) throw new CorruptTile('hcompress-end');
      this.#word = ((this.#word & 0xffff) << 8) | this.bytes[this.at++];
      this.#held += 8;
    }
    this.#held -= count;
    return (this.#word >>> this.#held) & ((1 << count) - 1);
  }

  /** One quadtree pattern: which of four children hold a set bit. */
  pattern(): number {
    let code = this.take(3);
    if (code < 4) return PATTERNS_3[code];
    code = (code << 1) | this.take(1);
    if (code < 13) return PATTERNS_4[code - 8];
    code = (code << 1) | this.take(1);
    if (code < 31) return PATTERNS_5[code - 26];
    return this.take(1) === 0 ? 0 : 14;
  }

  alignToByte(): void {
    this.#held = 0;
  }
}

/** Decodes a tile of shape [ny, nx]; throws `CorruptTile` when the stream names another shape or ends early. */
export function decodeHcompress(
  bytes: Uint8Array,
  shape: readonly [number, number],
  smooth: boolean,
): Int32Array {
  if (bytes.length < HEADER_BYTES || bytes[0] !== 0xdd || bytes[1] !== 0x99)
    throw new CorruptTile('hcompress-magic');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [rows, columns] = shape;
  if (view.getInt32(2) !== rows || view.getInt32(6) !== columns) throw new CorruptTile('hcompress-shape');
  const scale = view.getInt32(10);
  const sum = Number(view.getBigInt64(14));
  const planes = [bytes[22], bytes[23], bytes[24]];
  if (planes.some((count) => count > MAX_PLANES)) throw new CorruptTile('hcompress-planes');
  const bits = new Bits(bytes, HEADER_BYTES);
  const coefficients = new Float64Array(rows * columns);
  const top = (rows + 1) >> 1;
  const left = (columns + 1) >> 1;
  const quadrant = (offset: number, height: number, width: number, count: number) =>
    decodeQuadrant(bits, coefficients, offset, columns, height, width, count);
  quadrant(0, top, left, planes[0]);
  quadrant(left, top, columns - left, planes[1]);
  quadrant(columns * top, rows - top, left, planes[1]);
  quadrant(columns * top + left, rows - top, columns - left, planes[2]);
  if (bits.take(4) !== 0) throw new CorruptTile('hcompress-eof');
  bits.alignToByte();
  for (let i = 0; i < coefficients.length; i++) {
    if (coefficients[i] !== 0 && bits.take(1) === 1) coefficients[i] = -coefficients[i];
  }
  coefficients[0] = sum;
  if (scale > 1) for (let i = 0; i < coefficients.length; i++) coefficients[i] *= scale;
  invertHTransform(coefficients, rows, columns, smooth ? scale : 0);
  return new Int32Array(coefficients);
}

/** Adds the bit planes of one quadrant (magnitudes) into the coefficients. */
function decodeQuadrant(
  bits: Bits,
  out: Float64Array,
  offset: number,
  stride: number,
  height: number,
  width: number,
  planes: number,
): void {
  const levels = Math.max(height, width) <= 1 ? 0 : 32 - Math.clz32(Math.max(height, width) - 1);
  for (let plane = planes - 1; plane >= 0; plane--) {
    const weight = 2 ** plane;
    const kind = bits.take(4);
    if (kind !== 0 && kind !== 15) throw new CorruptTile('hcompress-plane');
    // Kind 0: patterns of 2 x 2 pixels one after another. Kind 15: a quadtree, each level refining the set nodes.
    let nodes =
      kind === 0
        ? readPatterns(bits, ((height + 1) >> 1) * ((width + 1) >> 1))
        : Uint8Array.of(bits.pattern());
    if (kind === 15) {
      // Nothing set below the root: nothing more of this plane is in the stream.
      if (nodes[0] === 0) continue;
      for (let level = levels - 1; level >= 1; level--) {
        nodes = refine(
          bits,
          nodes,
          (height + (1 << level) - 1) >> level,
          (width + (1 << level) - 1) >> level,
        );
      }
    }
    if (height === 0 || width === 0) continue;
    const half = (width + 1) >> 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0, node = (y >> 1) * half; x < width; x++) {
        if ((nodes[node + (x >> 1)] >> (3 - (((y & 1) << 1) | (x & 1)))) & 1)
          out[offset + y * stride + x] += weight;
      }
    }
  }
}

function readPatterns(bits: Bits, count: number): Uint8Array {
  const nodes = new Uint8Array(count);
  for (let i = 0; i < count; i++) nodes[i] = bits.take(4);
  return nodes;
}

/** Expands a level to `height` x `width` nodes; the stream holds the children of set nodes, last node first. */
function refine(bits: Bits, parents: Uint8Array, height: number, width: number): Uint8Array {
  const nodes = new Uint8Array(height * width);
  const half = (width + 1) >> 1;
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const parent = parents[(y >> 1) * half + (x >> 1)];
      if ((parent >> (3 - (((y & 1) << 1) | (x & 1)))) & 1) nodes[y * width + x] = bits.pattern();
    }
  }
  return nodes;
}
