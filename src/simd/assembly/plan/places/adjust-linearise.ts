// How the links of the joint adjustment answer to steps of their nodes.
import { AdjustProblem } from './adjust-problem';
import { PLANE_NUMBERS } from './tangent-plane';
import { f32At, f64At, putF32, u32At } from '../../words';

/**
 * Where each frame's plane shows the stars of its links, less their `base` (per the plane's unit), to `residual`, and d(pixel) for steps of the node of each to the
 * east and to the north, dx/de, dx/dn, dy/de, dy/dn, to `jacobian`.
 */
export function linearise(a: AdjustProblem): void {
  for (let f: u32 = 0; f < a.frames; f++) {
    const p = a.planes + (<usize>(PLANE_NUMBERS * f) << 3);
    const c0 = f64At(p, 0), c1 = f64At(p, 1), c2 = f64At(p, 2);
    const e0 = f64At(p, 3), e1 = f64At(p, 4), e2 = f64At(p, 5);
    const n0 = f64At(p, 6), n1 = f64At(p, 7), n2 = f64At(p, 8);
    const m0 = f64At(p, 9), m1 = f64At(p, 10), m2 = f64At(p, 11), m3 = f64At(p, 12);
    const unit = f64At(p, 13);
    const det = m0 * m3 - m1 * m2;
    const to = u32At(a.start, f + 1);
    for (let l = u32At(a.start, f); l < to; l++) {
      const k = u32At(a.node, l);
      const ux = f64At(a.x0, k), uy = f64At(a.y0, k), uz = f64At(a.z0, k);
      const depth = c0 * ux + c1 * uy + c2 * uz;
      const g = (e0 * ux + e1 * uy + e2 * uz) / depth;
      const h = (n0 * ux + n1 * uy + n2 * uz) / depth;
      putF32(a.residual, 2 * l, (m3 * g - m1 * h) / det - f32At(a.base, 2 * l) * unit);
      putF32(a.residual, 2 * l + 1, (m0 * h - m2 * g) / det - f32At(a.base, 2 * l + 1) * unit);
      for (let axis: u32 = 0; axis < 2; axis++) {
        const step = (axis == 0 ? a.east : a.north) + (<usize>(3 * k) << 3);
        const sx = f64At(step, 0), sy = f64At(step, 1), sz = f64At(step, 2);
        const toward = c0 * sx + c1 * sy + c2 * sz;
        const dg = (e0 * sx + e1 * sy + e2 * sz - g * toward) / depth;
        const dh = (n0 * sx + n1 * sy + n2 * sz - h * toward) / depth;
        putF32(a.jacobian, 4 * l + axis, (m3 * dg - m1 * dh) / det);
        putF32(a.jacobian, 4 * l + 2 + axis, (m0 * dh - m2 * dg) / det);
      }
    }
  }
}
