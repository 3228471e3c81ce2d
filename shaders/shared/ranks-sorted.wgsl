// Ranks of up to CAPACITY slots: the samples stand sorted in the private array of survivors-sorted.
//!import ranks
//!import sum

fn lowest_of(survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  return Walk(survivors.lowest, 0u, 0u);
}

fn highest_of(survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  return Walk(survivors.highest, 0u, 0u);
}

fn next_up(walk: Walk, survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  let steps = min(walk.steps + 1u, survivors.count - 1u);
  return Walk(sorted[survivors.first + steps], steps, 0u);
}

fn next_down(walk: Walk, survivors: Survivors, plane: u32, pixel: u32) -> Walk {
  let steps = min(walk.steps + 1u, survivors.count - 1u);
  return Walk(sorted[survivors.first + survivors.count - 1u - steps], steps, 0u);
}

// Sums of the deviations d and of d^2 from one end to the other, both included.
fn sums_between(low: Walk, high: Walk, survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> vec2<f32> {
  var sum = vec2<f32>(0.0f);
  var squares = vec2<f32>(0.0f);
  for (var k = low.steps; k < survivors.count - high.steps; k++) {
    let d = deviation(sorted[survivors.first + k], middle);
    sum = add(sum, d);
    squares = add(squares, d * d);
  }
  return vec2<f32>(sum.x, squares.x);
}

// Median of the distances from the median: they are merged from the middle outwards up to the middle ones.
fn median_distance(survivors: Survivors, middle: Middle, plane: u32, pixel: u32) -> f32 {
  let end = survivors.first + survivors.count;
  var above = survivors.first;
  while (above < end && deviation(sorted[above], middle) < 0.0f) {
    above++;
  }
  var below = above;
  var before = 0.0f;
  var distance = 0.0f;
  for (var k = 0u; k <= survivors.count / 2u; k++) {
    before = distance;
    var down = NO_LIMIT;
    if (below > survivors.first) {
      down = -deviation(sorted[below - 1u], middle);
    }
    var up = NO_LIMIT;
    if (above < end) {
      up = deviation(sorted[above], middle);
    }
    distance = min(down, up);
    if (down <= up) {
      below--;
    } else {
      above++;
    }
  }
  return select(0.5f * (before + distance), distance, survivors.count % 2u == 1u);
}
