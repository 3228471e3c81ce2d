// Ranks of up to CAPACITY slots: the samples stand sorted in the tile of survivors-tile.
//!import ranks

// The samples from one value to another, which are samples themselves: so what equals a surviving extreme survives.
fn survivors_between(lowest: f32, highest: f32, plane: u32, pixel: u32) -> Survivors {
  let end = min(params.slots, CAPACITY);
  let first = rank_of(lowest, false, 0u, end);
  return Survivors(first, rank_of(highest, true, first, end) - first, lowest, highest);
}

fn lowest_of(survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  return Walk(survivors.lowest, 0u, 0u);
}

fn highest_of(survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  return Walk(survivors.highest, 0u, 0u);
}

fn next_up(walk: Walk, survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  let steps = min(walk.steps + 1u, survivors.count - 1u);
  return Walk(at_rank(survivors.first + steps), steps, 0u);
}

fn next_down(walk: Walk, survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  let steps = min(walk.steps + 1u, survivors.count - 1u);
  return Walk(at_rank(survivors.first + survivors.count - 1u - steps), steps, 0u);
}

// Sums of the deviations d and of d^2 from one end to the other, both included. Of one median that between the very ends comes first.
fn sums_between(low: Walk, high: Walk, survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> vec2<f32> {
  if (low.steps + high.steps == 0u) {
    add_up_blocks(survivors, middle);
  }
  return sums_of_ranks(survivors.first + low.steps, survivors.first + survivors.count - high.steps, middle);
}

// Median of the distances from the median. Of the `rank + 1` shortest `down` lie below it; that many are found by halving, for distances rise to both sides.
fn median_distance(survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> f32 {
  let rank = survivors.count / 2u;
  let above = rank_of_deviation(0.0f, false, survivors, middle);
  let most_down = above - survivors.first;
  let most_up = survivors.count - most_down;
  var down = rank + 1u - min(rank + 1u, most_up);
  var limit = min(rank + 1u, most_down);
  while (down < limit) {
    let tried = (down + limit) / 2u;
    if (distance_down(tried, above, middle) < distance_up(rank - tried, above, middle)) {
      down = tried + 1u;
    } else {
      limit = tried;
    }
  }
  let up = rank + 1u - down;
  // The last of each side, and those before them; both sides together have rank + 1 > 1 of them.
  var last = -NO_LIMIT;
  var before = -NO_LIMIT;
  if (down > 0u) {
    last = distance_down(down - 1u, above, middle);
  }
  if (up > 0u) {
    let other = distance_up(up - 1u, above, middle);
    before = min(last, other);
    last = max(last, other);
  }
  if (survivors.count % 2u == 1u) {
    return last;
  }
  if (down > 1u) {
    before = max(before, min(last, distance_down(down - 2u, above, middle)));
  }
  if (up > 1u) {
    before = max(before, min(last, distance_up(up - 2u, above, middle)));
  }
  return 0.5f * (before + last);
}

// Distance of the k-th sample below the first that is not below the median.
fn distance_down(k: u32, above: u32, middle: Middle) -> f32 {
  return -deviation(at_rank(above - 1u - k), middle);
}

fn distance_up(k: u32, above: u32, middle: Middle) -> f32 {
  return deviation(at_rank(above + k), middle);
}
