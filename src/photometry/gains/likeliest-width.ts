// The width of a prior, told by the data that it is for.

/** Widths that are tried, from a hundredth of a per cent of a flux to half of it, and 0. */
const WIDTHS = [0, ...Array.from({ length: 38 }, (_, k) => 1e-4 * 1.25 ** k)];

/** Ln of how many times likelier than 0 a width must make the data: as 2 sigma do. */
const LIKELIER = 2;

/**
 * The width under which the data are likeliest, of a fixed list of relative ones; 0 where none makes them clearly likelier. By chance some width does so a little in half of all cases,
 * and what it lets values differ by is lost of what they tell of each other. `logLikelihood` is up to a constant.
 */
export function likeliestWidth(logLikelihood: (width: number) => number): number {
  const likely = WIDTHS.map(logLikelihood);
  const most = Math.max(...likely);
  return likely[0] >= most - LIKELIER ? 0 : WIDTHS[likely.indexOf(most)];
}
