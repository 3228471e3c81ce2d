// The level surface of a frame: a polynomial in normalised frame coordinates, its terms in the order that the warp takes them.

/** Room of one frame's coefficients: 1, X, Y, X^2, XY, Y^2. */
export const LEVEL_POLYNOMIAL_TERMS = 6;

/** Degree of the surface. */
export type LevelOrder = 0 | 1 | 2;

/** Number of leading terms that a degree uses. */
export function termsOf(order: LevelOrder): number {
  return [1, 3, 6][order];
}

/** Value at (x, y) of the polynomial whose `terms` (1, 3 or 6) coefficients start at `coefficients[at]`. */
export function levelAt(coefficients: Float64Array, at: number, terms: number, x: number, y: number): number {
  let value = coefficients[at];
  if (terms > 1) value += coefficients[at + 1] * x + coefficients[at + 2] * y;
  if (terms > 3)
    value += coefficients[at + 3] * x * x + coefficients[at + 4] * x * y + coefficients[at + 5] * y * y;
  return value;
}
