// The width of a prior, told by the data that it is for.

/** Widths that are tried, from a hundredth of a per cent of a flux to half of it, and 0. */
const WIDTHS = [0, ...Array.from({ length: 38 }, (_, k) => 1e-4 * 1.25 ** k)];

/** The width under which the data are likeliest, of a fixed list of relative ones; the narrowest of equals. `logLikelihood` is up to a constant. */
export function likeliestWidth(logLikelihood: (width: number) => number): number {
  let best = WIDTHS[0];
  let most = -Infinity;
  for (const width of WIDTHS) {
    const of = logLikelihood(width);
    if (of > most) [best, most] = [width, of];
  }
  return best;
}
