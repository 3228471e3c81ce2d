// The stars' part of the normal equations: each node's two numbers hang on its own links alone, so they are eliminated one by one.
import type { LinkRows, NodePriors } from './system-types.js';

export class NodeElimination {
  readonly #rows: LinkRows;
  readonly #nodes: NodePriors;
  readonly #links: number;
  /** Inverses of the nodes' 2 x 2 blocks: xx, xy, yy. */
  readonly inverse: Float64Array;
  readonly #steps: Float64Array;

  constructor(rows: LinkRows, nodes: NodePriors) {
    this.#rows = rows;
    this.#nodes = nodes;
    this.#links = rows.frame.length;
    this.#steps = new Float64Array(2 * nodes.count);
    this.inverse = this.#invertNodes();
  }

  /** Takes from `values` what steps of the nodes take up of them; `pull` adds the catalogue's draw. */
  eliminate(values: Float64Array, pull: boolean): void {
    const { node, jacobian, weight } = this.#rows;
    const steps = this.#steps.fill(0);
    const links = this.#links;
    for (let l = 0; l < links; l++) {
      const ex = weight[l] * values[2 * l];
      const ey = weight[l] * values[2 * l + 1];
      const at = 2 * node[l];
      steps[at] += jacobian[4 * l] * ex + jacobian[4 * l + 2] * ey;
      steps[at + 1] += jacobian[4 * l + 1] * ex + jacobian[4 * l + 3] * ey;
    }
    this.solveNodes(steps, pull ? -1 : 0);
    for (let l = 0; l < links; l++) {
      const e = steps[2 * node[l]];
      const n = steps[2 * node[l] + 1];
      values[2 * l] -= jacobian[4 * l] * e + jacobian[4 * l + 1] * n;
      values[2 * l + 1] -= jacobian[4 * l + 2] * e + jacobian[4 * l + 3] * n;
    }
  }

  /** steps = inverse (steps + draw * pull), node by node. */
  solveNodes(steps: Float64Array, draw: number): void {
    const { pull, weight } = this.#nodes;
    const { inverse } = this;
    for (let k = 0; k < this.#nodes.count; k++) {
      const e = steps[2 * k] + draw * weight[k] * pull[2 * k];
      const n = steps[2 * k + 1] + draw * weight[k] * pull[2 * k + 1];
      steps[2 * k] = inverse[3 * k] * e + inverse[3 * k + 1] * n;
      steps[2 * k + 1] = inverse[3 * k + 1] * e + inverse[3 * k + 2] * n;
    }
  }

  #invertNodes(): Float64Array {
    const { node, jacobian, weight } = this.#rows;
    const sums = new Float64Array(3 * this.#nodes.count);
    for (let l = 0; l < this.#links; l++) {
      const xe = jacobian[4 * l];
      const xn = jacobian[4 * l + 1];
      const ye = jacobian[4 * l + 2];
      const yn = jacobian[4 * l + 3];
      const at = 3 * node[l];
      sums[at] += weight[l] * (xe * xe + ye * ye);
      sums[at + 1] += weight[l] * (xe * xn + ye * yn);
      sums[at + 2] += weight[l] * (xn * xn + yn * yn);
    }
    for (let k = 0; k < this.#nodes.count; k++) {
      const at = 3 * k;
      const [a, b, c] = [
        sums[at] + this.#nodes.weight[k],
        sums[at + 1],
        sums[at + 2] + this.#nodes.weight[k],
      ];
      const det = a * c - b * b;
      // a node whose links have all been turned down stays where it is
      const ok = det > 1e-12 * a * c;
      sums[at] = ok ? c / det : 0;
      sums[at + 1] = ok ? -b / det : 0;
      sums[at + 2] = ok ? a / det : 0;
    }
    return sums;
  }
}
