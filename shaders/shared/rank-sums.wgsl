// Sums over ranks of the tile: those of whole blocks of ranks are worked out once for a median, so that further questions read the ends alone.

// Length of a block: BLOCKS of them are CAPACITY ranks.
const BLOCK_RANKS: u32 = CAPACITY / BLOCKS;

// Sums of the deviations of survivors and of their squares; every index is a constant once loops are unrolled.
var<private> block_sums: array<f32, BLOCKS>;
var<private> block_squares: array<f32, BLOCKS>;

fn add_up_blocks(survivors: Survivors, middle: Middle) {
  let end = survivors.first + survivors.count;
  for (var block = 0u; block < BLOCKS; block++) {
    let first = block * BLOCK_RANKS;
    let sums = sums_one_by_one(max(first, survivors.first), min(first + BLOCK_RANKS, end), middle);
    //!unroll
    for (var k = 0u; k < BLOCKS; k++) {
      block_sums[k] = select(block_sums[k], sums.x, k == block);
      block_squares[k] = select(block_squares[k], sums.y, k == block);
    }
  }
}

fn sums_one_by_one(first: u32, end: u32, middle: Middle) -> vec2<f32> {
  var sums = vec2<f32>(0.0f);
  for (var rank = first; rank < end; rank++) {
    let d = deviation(at_rank(rank), middle);
    sums += vec2<f32>(d, d * d);
  }
  return sums;
}

// Sums of d and d^2 over the survivors of ranks [first, end), d = deviations from the median that `add_up_blocks` was last told.
fn sums_of_ranks(first: u32, end: u32, middle: Middle) -> vec2<f32> {
  let first_block = (first + BLOCK_RANKS - 1u) / BLOCK_RANKS;
  let end_block = end / BLOCK_RANKS;
  if (first_block > end_block) {
    return sums_one_by_one(first, end, middle);
  }
  var sums = sums_one_by_one(first, first_block * BLOCK_RANKS, middle) + sums_one_by_one(end_block * BLOCK_RANKS, end, middle);
  //!unroll
  for (var block = 0u; block < BLOCKS; block++) {
    let whole = (block >= first_block) & (block < end_block);
    sums += select(vec2<f32>(0.0f), vec2<f32>(block_sums[block], block_squares[block]), whole);
  }
  return sums;
}
