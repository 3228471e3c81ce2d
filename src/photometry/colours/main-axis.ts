// The direction in which vectors differ most.

/** Main axis of a covariance matrix (unit length, positive sum), the standard deviation along it, and its share of the trace. */
export function mainAxis(covariance: readonly (readonly number[])[]): {
  readonly axis: number[];
  readonly deviation: number;
  readonly share: number;
} {
  const times = (v: readonly number[]) =>
    covariance.map((row) => row.reduce((sum, m, i) => sum + m * v[i], 0));
  let axis = covariance.map((row) => Math.hypot(...row));
  // Power iteration: what is looked for stands far above the rest, or is no answer.
  for (let k = 0; k < 200; k++) {
    const next = times(axis);
    const length = Math.hypot(...next);
    if (!(length > 0)) break;
    axis = next.map((v) => v / length);
  }
  const sign = axis.reduce((sum, v) => sum + v, 0) < 0 ? -1 : 1;
  const variance = times(axis).reduce((sum, v, i) => sum + v * axis[i], 0);
  const trace = covariance.reduce((sum, row, i) => sum + row[i], 0);
  return {
    axis: axis.map((v) => sign * v),
    deviation: Math.sqrt(Math.max(0, variance)),
    share: variance / trace,
  };
}
