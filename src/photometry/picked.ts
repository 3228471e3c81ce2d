// Some of the numbers of an array.

/** `values[index[k]]` for each k. */
export function picked<T extends Float32Array | Float64Array | Int32Array>(values: T, index: Int32Array): T {
  const out = new (values.constructor as new (length: number) => T)(index.length);
  for (let k = 0; k < out.length; k++) out[k] = values[index[k]];
  return out;
}
