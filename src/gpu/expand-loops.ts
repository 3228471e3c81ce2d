// Loops that a shader wants written out: registers have no index, so an array stays in them only where every index is a constant, and neither
// Tint nor Naga unrolls.

/** `//!unroll` before `for (var k = FIRST; k < END; k++) {`, bounds being numbers or u32 constants: the body once for each k. */
const LOOP = /\/\/!unroll\s+for \(var (\w+) = (\w+); \1 < (\w+); \1\+\+\) \{/;

/** `//!sort ARRAY LENGTH`: a sorting network over the array in place; `//!merge` one that sorts what is bitonic, its length being a power of two. */
const SORT = /^( *)\/\/!(sort|merge) (\w+) (\w+)$/gm;

const CONSTANT = /^const (\w+): u32 = (\d+)u;$/gm;

/** Writes the loops and sorts of a shader's complete text out; throws where a bound is no constant. */
export function expandLoops(source: string): string {
  const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, value]) => [name, Number(value)]));
  const valueOf = (text: string): number => {
    const value = constants.get(text) ?? Number(/^(\d+)u$/.exec(text)?.[1]);
    if (Number.isNaN(value)) throw new RangeError(`${text} is no u32 constant`);
    return value;
  };
  let text = source.replace(SORT, (_line, indent: string, kind: string, name: string, length: string) =>
    (kind === 'sort' ? network : mergingNetwork)(valueOf(length))
      .map(([a, b]) => `${indent}${comparator(`${name}[${a}]`, `${name}[${b}]`)}`)
      .join('\n'),
  );
  for (let loop = LOOP.exec(text); loop !== null; loop = LOOP.exec(text)) {
    const [head, index, first, end] = loop;
    const from = loop.index + head.length;
    const to = closingBrace(text, from);
    const everywhere = new RegExp(`\\b${index}\\b`, 'g');
    let body = '';
    for (let k = valueOf(first); k < valueOf(end); k++) {
      body += `{${text.slice(from, to).replace(everywhere, `${k}u`)}}\n`;
    }
    text = text.slice(0, loop.index) + body + text.slice(to + 1);
  }
  return text;
}

function comparator(a: string, b: string): string {
  return `{ let low = min(${a}, ${b}); ${b} = max(${a}, ${b}); ${a} = low; }`;
}

/** Batcher's odd-even merge sort (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M): pairs to be put in order, for any length. */
export function network(length: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let run = 1; run < length; run *= 2) {
    for (let step = run; step >= 1; step /= 2) {
      for (let start = step % run; start + step < length; start += 2 * step) {
        for (let a = start; a < Math.min(start + step, length - step); a++) {
          const b = a + step;
          if (Math.floor(a / (2 * run)) === Math.floor(b / (2 * run))) pairs.push([a, b]);
        }
      }
    }
  }
  return pairs;
}

/** Batcher's bitonic merge (the same, 5.3.4): what rises and then falls, or the other way round, gets in order; for a power of two. */
export function mergingNetwork(length: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let step = length / 2; step >= 1; step /= 2) {
    for (let a = 0; a < length; a++) if ((a & step) === 0) pairs.push([a, a + step]);
  }
  return pairs;
}

/** Place of the brace that closes the block whose text begins at `from`. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  let at = from;
  while (depth > 0) {
    const next = text[at++];
    if (next === undefined) throw new RangeError('a loop to write out has no end');
    if (next === '{') depth++;
    if (next === '}') depth--;
  }
  return at - 1;
}
