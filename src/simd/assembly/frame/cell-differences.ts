// Sums of the differences that countCell has listed of a cell, as far as they reach, exact in integers: what `ListedDifferences` of src/photometry tells.

let list: usize = 0;
let bytes: usize = 0;
let rows: u32 = 0;
let columns: u32 = 0;
/** What the sums were last taken up to, and those sums. */
let reach: i32 = -1;
let used: u32 = 0;
let squares: i64 = 0;
/** Bit s for sites of the colour, by parity of row (2) and column (1) in the cell. */
let sites: u32 = 0;

/** Vectors whose squares 32 bits hold: no difference that counts is above 4095. */
const TURN: u32 = 32;

/** Looks at the differences of a colour's sites in a cell from now on; as `countCell` has listed them. */
export function lookAtDifferences(differences: usize, siteBytes: usize, cellRows: u32, cellColumns: u32, sitesOfColour: u32): void {
  list = differences;
  bytes = siteBytes;
  rows = cellRows;
  columns = cellColumns;
  sites = sitesOfColour;
  reach = -1;
}

/** Differences that there are. */
export function differing(): u32 {
  let sum: u32 = 0;
  for (let site: u32 = 0; site < 4; site++) if (((sites >> site) & 1) != 0) sum += lengthOf(site) - firstOnes(site);
  return sum;
}

/** Takes differences of at most `size`, which is below 4096. */
export function takeUpTo(size: i32): void {
  if (size == reach) return;
  reach = size;
  used = 0;
  squares = 0;
  for (let site: u32 = 0; site < 4; site++) if (((sites >> site) & 1) != 0) addSite(site);
}

/** Differences taken, and the sum of their squares. */
export function differencesUsed(): u32 {
  return used;
}

export function differenceSquares(): f64 {
  return <f64>squares;
}

function addSite(site: u32): void {
  const above = i16x8.splat(<i16>(reach + 1));
  let left = (lengthOf(site) + 7) >> 3;
  let at = list + <usize>site * bytes;
  let counts = i16x8.splat(0), all = i64x2.splat(0);
  while (left > 0) {
    const turn = min<u32>(left, TURN);
    const end = at + (<usize>turn << 4);
    let sums = i32x4.splat(0);
    do {
      const v = v128.load(at);
      const inside = i16x8.lt_s(v, above);
      const taken = v128.and(v, inside);
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(taken, taken));
      counts = i16x8.sub(counts, inside);
      at += 16;
    } while (at < end);
    all = i64x2.add(all, i64x2.add(i64x2.extend_low_i32x4_u(sums), i64x2.extend_high_i32x4_u(sums)));
    left -= turn;
  }
  const pairs = i32x4.extadd_pairwise_i16x8_u(counts);
  used += i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1) + i32x4.extract_lane(pairs, 2) + i32x4.extract_lane(pairs, 3);
  // the first of a row stands there as 0
  used -= firstOnes(site);
  squares += i64x2.extract_lane(all, 0) + i64x2.extract_lane(all, 1);
}

/** Rows of a site that have a first sample. */
@inline
function firstOnes(site: u32): u32 {
  return columns > (site & 1) ? (rows + 1 - (site >> 1)) >> 1 : 0;
}

@inline
function lengthOf(site: u32): u32 {
  return ((rows + 1 - (site >> 1)) >> 1) * ((columns + 1 - (site & 1)) >> 1);
}
