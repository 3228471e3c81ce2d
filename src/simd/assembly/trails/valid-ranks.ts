// Ranks among values of which some are none: NaN is left out.
import { ranked } from '../select';

/** The upper median of `count` f32 values, 0 where there are none; `scratch` has room for three times as many. */
export function medianOfValid(values: usize, count: u32, scratch: usize): f64 {
  const n = keepValid(values, count, scratch);
  return n > 0 ? <f64>ranked<f32>(scratch, n, n >> 1, scratch + (<usize>n << 2)) : 0;
}

/** Half the distance of the middle two thirds of `count` f32 values, 1 where it is 0 or there are none: by the lower half, for light stands in the upper one. `scratch` as there. */
export function scatterOfValid(values: usize, count: u32, scratch: usize): f64 {
  const n = keepValid(values, count, scratch);
  if (n == 0) return 1;
  const last = <f64>(n - 1);
  const spare = scratch + (<usize>n << 2);
  const median = ranked<f32>(scratch, n, <u32>(0.5 * last), spare);
  const scatter = <f64>median - <f64>ranked<f32>(scratch, n, <u32>(0.16 * last), spare);
  return scatter != 0 ? scatter : 1;
}

function keepValid(values: usize, count: u32, out: usize): u32 {
  let n: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const v = load<f32>(values + (<usize>k << 2));
    store<f32>(out + (<usize>n << 2), v);
    n += u32(v == v);
  }
  return n;
}
