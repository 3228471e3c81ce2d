// The colour that is to look white: that of the Sun, as the Tycho catalogue would have it.

/** B - V of the Sun: 0.653 (Ramirez et al. 2012, ApJ 752, 5). */
const SUN_B_V = 0.653;

/** B - V of a dwarf of BT - VT = x, 0.4 < x < 2 (Mamajek, Meyer & Liebert 2002, AJ 124, 1670, with their erratum of 2006). */
export function johnsonColour(x: number): number {
  return x + 7.813e-3 * x - 1.489e-1 * x ** 2 + 3.384e-2 * x ** 3;
}

/** BT - VT of the Sun, 0.711: where the relation gives its B - V; found by bisection, the relation rises throughout. */
export const SUN_BT_VT = (() => {
  let [low, high] = [0.4, 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (johnsonColour(middle) < SUN_B_V) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
})();
