// The sky of each frame under a nebula that leaves none of it plain: nebula and sky differ in colour, and that tells them apart where brightness cannot.
import { ColourCells, type ColourMesh } from './colour-cells.js';
import { LEVEL_POLYNOMIAL_TERMS } from '../levels/level-polynomial.js';
import { mainAxis } from './main-axis.js';

/** What colour tells of the frames' skies. Coefficients are to be multiplied by the sky's colour. */
export interface ColourSurfaces {
  /** `[frame]`, coefficients of 1 (always 0), X, Y, X^2, XY, Y^2. */
  readonly terms: readonly Float64Array[];
  /** Standard deviation of the linear and of the quadratic ones. */
  readonly widths: readonly [number, number];
}

const CHANNELS = 3;
/** Cells of a frame that a surface is told from, and along each axis. */
const MIN_CELLS = 24;
const MIN_SIDE = 4;
const MAX_ROUNDS = 20;
/** Cells that tell the nebula's colour are plenty at this number: of more, frames spread evenly tell it. */
const MAX_TELLING_CELLS = 200_000;
/** A fraction whose multiples fall evenly and repeat with no cycle that frames were taken in (golden section). */
const EVEN = (Math.sqrt(5) - 1) / 2;
/** Rounds after which a relief of under half of what is needed gets no further ones. */
const FIRST_ROUNDS = 3;
/** Rounds in which cells of another frame lose their say once the nebula's colour is known. */
const LATE_ROUNDS = 4;
/** A nebula's colour that turns by less than this, radians, has settled. */
const SETTLED = 1e-5;
/** A cell further from the two colours than this many robust sigma has no say (Tukey 1977; stars in the mesh, a second nebula). */
const TUKEY = 4.685;
/** The nebula must stand out of the scatter by this factor, and sky and nebula must differ in colour by this sine, or neither can be told. */
const MIN_RELIEF = 8;
const MIN_COLOUR_SINE = 0.2;
/** Two colours explain the cells when what is left scatters by no more than this many times their noise, with no more than this share of them shut out. */
const MAX_LEFT = 2;
const MAX_SHUT_OUT = 0.25;

/**
 * Model of a cell: value_c = constant_fc + n_c N + s_c P_f(X, Y), the nebula's brightness N free at every cell, its colour n common to all frames, the colour
 * s of the sky's changes given, P_f a polynomial of degree `order` without a constant. n is the main axis of what polynomials leave of the cells' colours: small
 * structures tell it, which no sky has. Of a cell's colour the part across n then holds no nebula: P_f is fitted to it, frame by frame, without the help
 * of overlaps. The direction across both n and s shows what such surfaces are worth. Undefined where cells show more colours than two, too little nebula, or one of
 * the sky's colour.
 */
export function fitColourSurfaces(
  meshes: readonly ColourMesh[],
  skyColour: readonly number[],
  order: 1 | 2,
): ColourSurfaces | undefined {
  if (meshes.length === 0 || !meshes.every(isWide)) return undefined;
  const unit = Array.from({ length: CHANNELS }, (_, c) => typical(meshes.map(({ sigma }) => sigma[c])));
  const s = skyColour.map((v, c) => v / unit[c]);
  const share = MAX_TELLING_CELLS / meshes.reduce((sum, { x }) => sum + x.length, 0);
  const telling = [...meshes.keys()].filter((f) => (f * EVEN) % 1 < share);
  const cells = new ColourCells(unit, order);
  cells.load(telling.map((f) => meshes[f]));
  const nebula = nebulaColour(cells, s);
  if (!nebula) return undefined;
  const { n, left } = nebula;
  const across = s.map((v, c) => v - n[c] * dot(s, n));
  const length = Math.hypot(...across);
  if (!(length >= MIN_COLOUR_SINE * Math.hypot(...s))) return undefined;
  const idleDirection = normal(n, s);
  const skyDirection = across.map((v) => v / length ** 2);
  let shutOut = 0;
  const squares = new Float64Array(LEVEL_POLYNOMIAL_TERMS);
  const take = (of: ColourCells, f: number): Float64Array => {
    shutOut += of.shutOut(f) / meshes.length;
    const fitted = of.fit(f);
    along(fitted, idleDirection).forEach((v, k) => (squares[k] += v * v));
    const p = along(fitted, skyDirection);
    p[0] = 0;
    return p;
  };
  let late: ColourCells | undefined;
  let told = 0;
  const terms = meshes.map((mesh, f) => {
    if (telling[told] === f) return take(cells, told++);
    late ??= new ColourCells(unit, order);
    late.load([mesh]);
    for (let round = 0; round < LATE_ROUNDS; round++) {
      late.leave();
      measure(late, n, s);
      late.reweigh(TUKEY * left);
    }
    return take(late, 0);
  });
  if (shutOut > MAX_SHUT_OUT) return undefined;
  const width = (from: number, to: number) =>
    (1 / length) *
    Math.sqrt(squares.subarray(from, to).reduce((sum, v) => sum + v, 0) / (meshes.length * (to - from)));
  return { terms, widths: [width(1, 3), width(3, LEVEL_POLYNOMIAL_TERMS)] };
}

/** Colour of the nebula in the cells, and sigma of their distances from the two colours; undefined where it does not stand out or does not explain them. */
function nebulaColour(
  cells: ColourCells,
  s: readonly number[],
): { readonly n: number[]; readonly left: number } | undefined {
  let n = s.map(() => 0);
  let relief = 0;
  let left = Infinity;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    cells.leave();
    const axis = mainAxis(cells.covariance());
    const turned = Math.hypot(...cross(n, axis.axis));
    n = axis.axis;
    relief = axis.deviation;
    if (round + 1 >= FIRST_ROUNDS && !(relief >= MIN_RELIEF / 2)) return undefined;
    measure(cells, n, s);
    // The median distance of normal deviates in two dimensions is 1.1774 sigma.
    left = cells.typicalDistance() / 1.1774;
    cells.reweigh(TUKEY * left);
    if (round > 2 && turned < SETTLED) break;
  }
  return relief >= MIN_RELIEF && left <= MAX_LEFT ? { n, left } : undefined;
}

/** Distances of the cells from the colours `n` and `s`. */
function measure(cells: ColourCells, n: readonly number[], s: readonly number[]): void {
  const third = normal(n, s);
  cells.measure(third, normal(third, n));
}

/** Of vectors, one number a column each, the part along `direction`. */
function along(columns: readonly Float64Array[], direction: readonly number[]): Float64Array {
  const [a, b, c] = columns;
  const [u, v, w] = direction;
  const part = new Float64Array(a.length);
  for (let k = 0; k < part.length; k++) part[k] = u * a[k] + v * b[k] + w * c[k];
  return part;
}

/** Whether a frame's cells can tell a surface. */
function isWide({ x, y, values, sigma }: ColourMesh): boolean {
  const places = (axis: ArrayLike<number>) => {
    const seen = new Set<number>();
    for (let k = 0; k < axis.length && seen.size < MIN_SIDE; k++) seen.add(Math.fround(axis[k]));
    return seen.size;
  };
  return (
    values.length === CHANNELS &&
    sigma.every((v) => v > 0) &&
    x.length >= MIN_CELLS &&
    Math.min(places(x), places(y)) >= MIN_SIDE
  );
}

function typical(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i], 0);
}

/** Unit vector across two. */
function normal(a: readonly number[], b: readonly number[]): number[] {
  const vector = cross(a, b);
  const length = Math.hypot(...vector);
  return vector.map((v) => v / Math.max(length, Number.MIN_VALUE));
}

function cross([a, b, c]: readonly number[], [x, y, z]: readonly number[]): number[] {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}
