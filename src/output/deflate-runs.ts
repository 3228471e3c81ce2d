// A zlib stream (RFC 1950, 1951) of single bytes and runs: what differences of noise have to give, and a third of the time of zlib's own search for it.
import { sharedPasses, type SamplePasses } from '../simd/sample-passes.js';
import { codeWords, wordLengths } from './huffman-code.js';

/** CM 8, window of 32 KiB, no preset dictionary. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x01);
/** Bytes, the end of a block, and lengths of runs. */
const SYMBOLS = 286;
const END_OF_BLOCK = 256;
const LONGEST_WORD = 15;
/** Tokens: 256 bytes and runs of 3 to 258. */
const TOKENS = 512;

/** Symbol of each length of a run, and the bits that follow its word (section 3.2.5). */
const RUNS = Array.from({ length: TOKENS - 256 }, (_, n) => {
  if (n === 255) return { symbol: 285, extra: 0, bits: 0 };
  if (n < 8) return { symbol: 257 + n, extra: 0, bits: 0 };
  const bits = Math.floor(Math.log2(n)) - 2;
  return { symbol: 257 + 4 * bits + (n >> bits), extra: n & ((1 << bits) - 1), bits };
});

/** A word and its number of bits in one number, as `putTokens` takes them. */
const packed = (word: number, bits: number): number => (word | (bits << 24)) >>> 0;

/**
 * Compresses pieces, one after the other: a block for each, with a code of its own, in which a byte is coded as it is or as one more of those before it. No search, no
 * window: two passes over the bytes, a few hundred megabytes a second.
 */
export class DeflateRuns {
  #sum = 1;
  #begun = false;
  /** Bits that fill no byte yet (u64), and their number (u32). */
  readonly #held = new Uint8Array(12);

  /** The compressed bytes of the next piece: `size` bytes from `at` on in the memory of `room`, more of which is taken. */
  add(room: SamplePasses, at: number, size: number): Uint8Array {
    const { passes } = room;
    this.#sum = passes.adler32(this.#sum, at, size) >>> 0;
    const tokens = room.take(2 * size + 64);
    const counts = room.take(4 * TOKENS);
    new Uint32Array(room.buffer, counts, TOKENS).fill(0);
    const found = passes.tokenise(at, size, tokens, counts);
    new Uint16Array(room.buffer, tokens + 2 * found, 1)[0] = TOKENS;
    const { header, words } = blockCode(new Uint32Array(room.buffer, counts, TOKENS));
    const compressed = Buffer.concat([
      this.#begun ? NOTHING : ZLIB_HEADER,
      this.#put(room, putInto(room, Uint16Array.from(header.keys())), header.length, header),
      this.#put(room, tokens, found + 1, words),
    ]);
    this.#begun = true;
    return compressed;
  }

  /** The last bytes of the stream: an empty block that says so, and the checksum. */
  end(): Uint8Array {
    const room = sharedPasses();
    // the words of section 3.2.6, whose end of a block is seven zeros; seven more bits fill what is held up to a byte, and what is left of them is dropped
    const last = Uint32Array.of(packed(1, 1), packed(1, 2), packed(0, 7), packed(0, 7));
    const tokens = putInto(room, Uint16Array.from(last.keys()));
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(this.#sum);
    return Buffer.concat([
      this.#begun ? NOTHING : ZLIB_HEADER,
      this.#put(room, tokens, last.length, last),
      sum,
    ]);
  }

  /** The whole bytes of what was held and of the words of `count` tokens at `tokens`. */
  #put(room: SamplePasses, tokens: number, count: number, words: Uint32Array): Uint8Array {
    const codes = putInto(room, words);
    const state = putInto(room, this.#held);
    // no word is longer than 21 bits, those of runs, which stand for three bytes and more; all others have 15 or less
    const out = room.take(3 * count + 16);
    const written = room.passes.putTokens(tokens, count, codes, state, out);
    const bytes = room.bytes();
    this.#held.set(bytes.subarray(state, state + this.#held.length));
    return bytes.slice(out, out + written);
  }
}

const NOTHING = new Uint8Array(0);

/** Address of a copy in the memory of `room`. */
function putInto(room: SamplePasses, values: Uint8Array | Uint16Array | Uint32Array): number {
  const at = room.take(values.byteLength);
  room.bytes().set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  return at;
}

/** The head of a block and the words of its tokens; the end of the block stands behind them. */
function blockCode(counts: Uint32Array): { readonly header: Uint32Array; readonly words: Uint32Array } {
  const frequencies = new Uint32Array(SYMBOLS);
  frequencies.set(counts.subarray(0, 256));
  RUNS.forEach(({ symbol }, n) => (frequencies[symbol] += counts[256 + n]));
  frequencies[END_OF_BLOCK] = 1;
  const lengths = wordLengths(frequencies, LONGEST_WORD);
  const code = codeWords(lengths);
  const words = new Uint32Array(TOKENS + 1);
  for (let byte = 0; byte < 256; byte++) words[byte] = packed(code[byte], lengths[byte]);
  RUNS.forEach(({ symbol, extra, bits }, n) => {
    // one distance, of one bit, which is 0: the byte before
    words[256 + n] = packed(code[symbol] | (extra << lengths[symbol]), lengths[symbol] + bits + 1);
  });
  words[TOKENS] = packed(code[END_OF_BLOCK], lengths[END_OF_BLOCK]);
  return { header: blockHeader(lengths), words };
}

/**
 * Block of a code of its own, not the last (section 3.2.7). The lengths of its words are written in four bits each: 16 symbols of four bits are a whole code, and
 * what a code made for them would spare is a thousandth of a block.
 */
function blockHeader(lengths: Uint8Array): Uint32Array {
  const header = [packed(0, 1), packed(2, 2), packed(SYMBOLS - 257, 5), packed(0, 5), packed(19 - 4, 4)];
  // in the order of the standard: 16, 17, 18, which are not used, come first
  for (let k = 0; k < 19; k++) header.push(packed(k < 3 ? 0 : 4, 3));
  const inFourBits = codeWords(new Uint8Array(16).fill(4));
  for (const length of lengths) header.push(packed(inFourBits[length], 4));
  header.push(packed(inFourBits[1], 4));
  return Uint32Array.from(header);
}
