// Degrees, radians and the ranges of sky coordinates.

export const DEG_TO_RAD = Math.PI / 180;
export const RAD_TO_DEG = 180 / Math.PI;

/** Longitude in degrees brought into [0, 360). */
export function wrap360(deg: number): number {
  const r = deg % 360;
  const w = r < 0 ? r + 360 : r;
  // A tiny negative rest rounds up to 360 exactly.
  return w >= 360 ? 0 : w;
}

/** Angle in degrees brought into [-180, 180). */
export function wrap180(deg: number): number {
  return wrap360(deg + 180) - 180;
}
