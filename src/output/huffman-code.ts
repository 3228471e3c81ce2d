// The shortest code of a block of symbols whose words are not longer than a limit, in the form that deflate wants (RFC 1951, section 3.2.2).

/**
 * Lengths of the words of an optimal prefix code for symbols that occur `counts` times, none longer than `limit` bits; 0 for a symbol that does not occur. A single
 * symbol gets one bit. By package-merge (Larmore & Hirschberg 1990): at each length the cheapest symbols and pairs of the length before.
 */
export function wordLengths(counts: Uint32Array, limit: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const symbols = Uint32Array.from(counts.keys())
    .filter((s) => counts[s] > 0)
    .sort((a, b) => counts[a] - counts[b]);
  const n = symbols.length;
  if (n === 1) lengths[symbols[0]] = 1;
  if (n < 2) return lengths;
  // of each level, ascending: what its items cost, and which of them are symbols (and not pairs)
  let costs = Float64Array.from(symbols, (s) => counts[s]);
  const isSymbol: Uint8Array[] = [new Uint8Array(n).fill(1)];
  for (let level = 1; level < limit; level++) {
    const pairs = costs.length >> 1;
    const merged = new Float64Array(n + pairs);
    const kinds = new Uint8Array(n + pairs);
    for (let at = 0, s = 0, p = 0; at < merged.length; at++) {
      const pair = p < pairs ? costs[2 * p] + costs[2 * p + 1] : Infinity;
      const symbol = s < n ? counts[symbols[s]] : Infinity;
      kinds[at] = symbol <= pair ? 1 : 0;
      merged[at] = kinds[at] ? symbol : pair;
      if (kinds[at]) s++;
      else p++;
    }
    costs = merged;
    isSymbol.push(kinds);
  }
  let taken = 2 * n - 2;
  for (let level = limit - 1; level >= 0; level--) {
    let chosen = 0;
    for (let at = 0; at < taken; at++) chosen += isSymbol[level][at];
    for (let s = 0; s < chosen; s++) lengths[symbols[s]]++;
    taken = 2 * (taken - chosen);
  }
  return lengths;
}

/** The words of a code with these lengths, first bit lowest, as deflate's stream of bits takes them. */
export function codeWords(lengths: Uint8Array): Uint32Array {
  const next = new Uint32Array(17);
  for (const length of lengths) if (length > 0) next[length + 1]++;
  for (let length = 1; length < 17; length++) next[length] = (next[length] + next[length - 1]) << 1;
  return Uint32Array.from(lengths, (length) => {
    let [word, reversed] = [length > 0 ? next[length]++ : 0, 0];
    for (let bit = 0; bit < length; bit++, word >>>= 1) reversed = (reversed << 1) | (word & 1);
    return reversed;
  });
}
