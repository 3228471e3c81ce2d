// Elements of arrays in memory, by the array's address and the element's number.

@inline
export function f64At(base: usize, i: u32): f64 {
  return load<f64>(base + (<usize>i << 3));
}

@inline
export function putF64(base: usize, i: u32, value: f64): void {
  store<f64>(base + (<usize>i << 3), value);
}

@inline
export function addF64(base: usize, i: u32, value: f64): void {
  putF64(base, i, f64At(base, i) + value);
}

@inline
export function f32At(base: usize, i: u32): f64 {
  return <f64>load<f32>(base + (<usize>i << 2));
}

@inline
export function putF32(base: usize, i: u32, value: f64): void {
  store<f32>(base + (<usize>i << 2), <f32>value);
}

@inline
export function u32At(base: usize, i: u32): u32 {
  return load<u32>(base + (<usize>i << 2));
}

@inline
export function i32At(base: usize, i: u32): i32 {
  return load<i32>(base + (<usize>i << 2));
}

@inline
export function putI32(base: usize, i: u32, value: i32): void {
  store<i32>(base + (<usize>i << 2), value);
}

@inline
export function putU32(base: usize, i: u32, value: u32): void {
  store<u32>(base + (<usize>i << 2), value);
}

/** Pair `i` of f32, as f64. */
@inline
export function f32PairAt(base: usize, i: u32): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(base + (<usize>i << 3)));
}

@inline
export function f64PairAt(base: usize, i: u32): v128 {
  return v128.load(base + (<usize>i << 4));
}

@inline
export function putF64Pair(base: usize, i: u32, pair: v128): void {
  v128.store(base + (<usize>i << 4), pair);
}
