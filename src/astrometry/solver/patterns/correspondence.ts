// Which corner of an image's pattern is which corner of the sky's: the order in which all sides agree best.

interface Order {
  /** Sky corner of each image corner. */
  readonly corners: readonly number[];
  /** Sky side of each image side, in the order of `sidesOf`. */
  readonly sides: readonly number[];
}

const known: Partial<Record<3 | 4, readonly Order[]>> = {};

const orders = (count: 3 | 4): readonly Order[] => (known[count] ??= allOrders(count));

function allOrders(count: 3 | 4): Order[] {
  const permutations = (rest: readonly number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((v) => permutations(rest.filter((w) => w !== v)).map((tail) => [v, ...tail]));
  const pairs: [number, number][] = [];
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) pairs.push([i, j]);
  const side = (a: number, b: number) =>
    pairs.findIndex(([i, j]) => i === Math.min(a, b) && j === Math.max(a, b));
  return permutations(Array.from({ length: count }, (_, i) => i)).map((corners) => ({
    corners,
    sides: pairs.map(([i, j]) => side(corners[i], corners[j])),
  }));
}

/** `imageSides` and `skySides` as `sidesOf` gives them, any units; returns the sky corner of each image corner. */
export function correspondence(
  corners: 3 | 4,
  imageSides: Float64Array,
  skySides: Float64Array,
): readonly number[] {
  let [imageSum, skySum] = [0, 0];
  for (let s = 0; s < imageSides.length; s++) {
    imageSum += imageSides[s];
    skySum += skySides[s];
  }
  const stretch = skySum / imageSum;
  const all = orders(corners);
  let best = all[0];
  let least = Infinity;
  for (const order of all) {
    let difference = 0;
    for (let s = 0; s < imageSides.length; s++)
      difference += Math.abs(stretch * imageSides[s] - skySides[order.sides[s]]);
    if (difference < least) [least, best] = [difference, order];
  }
  return best.corners;
}
