// Critical values of the generalised extreme studentised deviate test, as the kernel stack-esd takes them.

/**
 * `[m]` for m = 3 .. samples remaining: Rosner (1983, Technometrics 25, 165), (m - 1) t / sqrt((m - 2 + t^2) m) with t the quantile
 * 1 - significance / (2 m) of Student's t with m - 2 degrees of freedom. Entries 0 to 2 are 0. `significance` in (0, 1).
 */
export function esdCritical(samples: number, significance: number): Float32Array {
  const critical = new Float32Array(samples + 1);
  let t = 1;
  for (let m = 3; m <= samples; m++) {
    t = studentQuantile(1 - significance / m, m - 2, t);
    critical[m] = ((m - 1) * t) / Math.sqrt((m - 2 + t * t) * m);
  }
  return critical;
}

const MAX_STEPS = 200;

/** The t > 0 with which |T| <= t has the probability `inside`, for whole degrees of freedom; `near` is a first guess. */
function studentQuantile(inside: number, freedom: number, near: number): number {
  let t = near;
  for (let step = 0; step < MAX_STEPS; step++) {
    const { probability, density } = studentWithin(t, freedom);
    // The probability is concave in t: from below Newton's steps stop short of the root, and one from above is kept from leaping far below.
    const next = Math.max(t / 2, t - (probability - inside) / density);
    if (Math.abs(next - t) <= 1e-9 * t) return next;
    t = next;
  }
  return t;
}

/** Probability of |T| <= t, and its derivative; finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4. */
function studentWithin(t: number, freedom: number): { probability: number; density: number } {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const odd = freedom % 2 === 1;
  // Powers of the cosine up to freedom - 2: odd ones from 1 on, or even ones from 0 on.
  let power = odd ? 1 : 0;
  let term = Math.cos(angle) ** power;
  let sum = 0;
  let peak = odd ? 1 / Math.PI : 1 / Math.sqrt(8);
  for (; power <= freedom - 2; power += 2) {
    sum += term;
    term *= ((power + 1) / (power + 2)) * Math.cos(angle) ** 2;
  }
  for (let k = odd ? 1 : 2; k < freedom; k += 2) peak *= ((k + 1) / k) * Math.sqrt(k / (k + 2));
  const probability = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return { probability, density: 2 * peak * (1 + (t * t) / freedom) ** (-(freedom + 1) / 2) };
}
