// Random numbers that are the same on every machine: a demo session is defined by its seed.

/** A stream of independent draws. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
  /** Poisson with mean `lambda` >= 0. */
  poisson(lambda: number): number;
}

/**
 * xoshiro128** (Blackman & Vigna 2021, ACM TOMS 47, 36), its state filled by a 32-bit splitmix from `labels`:
 * the same labels give the same stream, different labels unrelated ones, so that a frame does not depend on how
 * many numbers another frame drew.
 */
export function randomStream(...labels: readonly number[]): Random {
  let mixed = 0x9e3779b9;
  const next = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  for (const label of labels) mixed = (next() ^ Math.imul(label | 0, 0x27d4eb2f)) >>> 0;
  let a = next();
  let b = next();
  let c = next();
  let d = next() | 1; // the all-zero state is the one that must not be

  const bits = (): number => {
    const s = Math.imul(b, 5);
    const result = Math.imul((s << 7) | (s >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => bits() / 2 ** 32;

  let spare = NaN;
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = NaN;
      return value;
    }
    // Marsaglia's polar method.
    let x: number, y: number, r: number;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      r = x * x + y * y;
    } while (r >= 1 || r === 0);
    const factor = Math.sqrt((-2 * Math.log(r)) / r);
    spare = y * factor;
    return x * factor;
  };

  const poisson = (lambda: number): number => {
    if (lambda <= 0) return 0;
    if (lambda < 12) {
      const limit = Math.exp(-lambda);
      let k = 0;
      for (let product = uniform(); product > limit; product *= uniform()) k++;
      return k;
    }
    // Cornish-Fisher expansion of the Poisson quantile: mean, variance and skewness right, cheap at any lambda.
    const z = normal();
    return Math.max(0, Math.round(lambda + Math.sqrt(lambda) * z + (z * z - 1) / 6));
  };

  return { uniform, between: (low, high) => low + (high - low) * uniform(), normal, poisson };
}
