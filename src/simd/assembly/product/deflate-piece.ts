// Rows of a picture as DEFLATE (RFC 1951): a Huffman code made for each piece, and runs of zeros. Noise repeats nothing else, and a code is all that zlib finds in it.
import { putU32, u32At } from '../words';

/** What has a code: 256 bytes, the end of a block, and 258 times the byte before. */
const END: u32 = 256;
const RUN: u32 = 257;
const SYMBOLS: u32 = 258;
const RUN_BYTES: u32 = 258;
/** Four codes and the rest of a byte fit in 64 bits. */
const LONGEST: u32 = 14;
/** Of so many bytes 16 are counted. */
const SAMPLED: u32 = 64;

let to: usize = 0;
let bits: u64 = 0;
let held: u32 = 0;

/**
 * Compresses `count` bytes at `from`, behind which 15 may be read, to `out`, and returns how many bytes that makes, at most 2 `count` + 512: one block, and an empty one that ends at a whole
 * byte, so that pieces stand one behind another. `room` holds 2 numbers of 4 bytes for each of 258 symbols.
 */
export function deflatePiece(from: usize, count: u32, room: usize, out: usize): u32 {
  to = out;
  bits = held = 0;
  const codes = room + 4 * SYMBOLS;
  countSymbols(from, count, room);
  setLengths(room, codes);
  put(4, 3);
  // 286 lengths and one of a distance, each written with four bits, by a code that has all lengths from 0 to 15
  put(29 | (15 << 10), 14);
  for (let k = 0; k < 19; k++) put(k < 3 ? 0 : 4, 3);
  for (let s: u32 = 0; s <= END; s++) putLength(u32At(codes, s));
  for (let s = END + 1; s < 285; s++) putLength(0);
  putLength(u32At(codes, RUN));
  putLength(1);
  setCodes(codes);
  putBytes(from, from + count, codes);
  putCode(u32At(codes, END));
  put(0, 3);
  put(0, (8 - held) & 7);
  put(0xffff0000, 32);
  return <u32>(to - out);
}

function countSymbols(from: usize, count: u32, counts: usize): void {
  memory.fill(counts, 0, 4 * SYMBOLS);
  let blank: u32 = 0;
  for (let at = from; at + 16 <= from + count; at += SAMPLED) {
    if (!v128.any_true(v128.load(at))) blank++;
    else for (let k: usize = 0; k < 16; k++) increase(counts, load<u8>(at + k), 1);
  }
  // sixteen bytes of a quarter of them
  increase(counts, RUN, (blank * 16) / RUN_BYTES);
  let total: u32 = 1;
  for (let s: u32 = 0; s < SYMBOLS; s++) total += u32At(counts, s);
  // what is rare or was not met gets a code of the longest, and all of these leave room for the others
  const least = 1 + ((total + (total >> 5) + 512) >> LONGEST);
  for (let s: u32 = 0; s < SYMBOLS; s++) putU32(counts, s, max(least, u32At(counts, s)));
}

/** Lengths by Shannon's rule, and then shorter ones, where that spares most first, until the code is complete. */
function setLengths(counts: usize, lengths: usize): void {
  let total: u32 = 0;
  for (let s: u32 = 0; s < SYMBOLS; s++) total += u32At(counts, s);
  let spare: u32 = 1 << LONGEST;
  for (let s: u32 = 0; s < SYMBOLS; s++) {
    let length: u32 = 1;
    while (u32At(counts, s) << length < total) length++;
    putU32(lengths, s, length);
    spare -= 1 << (LONGEST - length);
  }
  for (let gain: u32 = 2 * total; spare > 0; gain -= gain >> 4) {
    for (let s: u32 = 0; s < SYMBOLS; s++) {
      const length = u32At(lengths, s);
      const cost = <u32>1 << (LONGEST - length);
      if (cost > spare || u32At(counts, s) << length < gain) continue;
      putU32(lengths, s, length - 1);
      spare -= cost;
    }
  }
}

/** Codes in the place of their lengths: the canonical ones, first bit lowest, and the length from bit 16 on. */
function setCodes(codes: usize): void {
  let code: u32 = 0;
  for (let length: u32 = 1; length <= LONGEST; length++, code <<= 1) {
    for (let s: u32 = 0; s < SYMBOLS; s++) {
      if (u32At(codes, s) != length) continue;
      let turned: u32 = 0;
      for (let k: u32 = 0; k < length; k++) turned |= ((code >> k) & 1) << (length - 1 - k);
      putU32(codes, s, turned | (length << 16));
      code++;
    }
  }
}

function putBytes(from: usize, end: usize, codes: usize): void {
  let tried = from;
  for (;;) {
    from = putFours(from, end, tried, codes);
    if (from + 4 > end) break;
    tried = zerosFrom(from, end);
    if (tried - from <= RUN_BYTES) continue;
    putCode(u32At(codes, load<u8>(from++)));
    for (; from + RUN_BYTES <= tried; from += RUN_BYTES) {
      putCode(u32At(codes, RUN));
      put(0, 1);
    }
  }
  while (from < end) putCode(u32At(codes, load<u8>(from++)));
}

/** As far as there are four bytes and, from `tried` on, not all of them zero. */
function putFours(from: usize, end: usize, tried: usize, codes: usize): usize {
  let out = to;
  let ready = bits;
  let count = held;
  for (; from + 4 <= end; from += 4) {
    const four = load<u32>(from);
    if (four == 0 && from >= tried) break;
    const a = u32At(codes, four & 255);
    const b = u32At(codes, (four >> 8) & 255);
    const c = u32At(codes, (four >> 16) & 255);
    const d = u32At(codes, four >> 24);
    const ab = <u64>(a & 0xffff) | (<u64>(b & 0xffff) << <u64>(a >> 16));
    const cd = <u64>(c & 0xffff) | (<u64>(d & 0xffff) << <u64>(c >> 16));
    const first = (a >> 16) + (b >> 16);
    ready |= (ab | (cd << <u64>first)) << <u64>count;
    count += first + (c >> 16) + (d >> 16);
    store<u64>(out, ready);
    out += count >> 3;
    ready >>= <u64>(count & ~7);
    count &= 7;
  }
  to = out;
  bits = ready;
  held = count;
  return from;
}

function zerosFrom(at: usize, end: usize): usize {
  while (at + 16 <= end && !v128.any_true(v128.load(at))) at += 16;
  while (at < end && load<u8>(at) == 0) at++;
  return at;
}

// @ts-ignore: decorator
@inline
function putCode(code: u32): void {
  put(code & 0xffff, code >> 16);
}

function putLength(length: u32): void {
  put(((length & 1) << 3) | ((length & 2) << 1) | ((length & 4) >> 1) | (length >> 3), 4);
}

// @ts-ignore: decorator
@inline
function put(value: u64, length: u32): void {
  bits |= value << <u64>held;
  held += length;
  store<u64>(to, bits);
  to += held >> 3;
  bits >>= <u64>(held & ~7);
  held &= 7;
}

// @ts-ignore: decorator
@inline
function increase(counts: usize, s: u32, by: u32): void {
  putU32(counts, s, u32At(counts, s) + by);
}
