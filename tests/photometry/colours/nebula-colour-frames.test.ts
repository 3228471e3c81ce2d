// The skies of frames under a nebula that leaves no gap, told by colour: each frame's own, whatever the nebula's shape; and nothing where colours do not tell.
import { describe, expect, it } from 'vitest';
import { levelAt } from '../../../src/photometry/levels/level-polynomial.js';
import type { ColourMesh } from '../../../src/photometry/colours/colour-cells.js';
import { fitColourSurfaces } from '../../../src/photometry/colours/nebula-colour-frames.js';
import { seededNormal } from '../../helpers/kernel-runs.js';

const [NX, NY] = [15, 20];
const SIGMA = [2, 1.5, 1.5];
const NEBULA = [3, 1, 0.8];
const SKY = [1, 1.2, 0.8];
const x = Float64Array.from({ length: NX * NY }, (_, i) => ((i % NX) - 7) / 20);
const y = Float64Array.from({ length: NX * NY }, (_, i) => (Math.floor(i / NX) - 9.5) / 20);
/** Coefficients of the sky of frame f. */
const skyOf = (f: number) => [0, 40 - 25 * f, -30 + 20 * f, 10 * f, -15, 8 - 5 * f];

type Light = (x: number, y: number) => readonly number[];

/** Four frames of the same field, each under a sky of its own. */
function meshes(nebula: Light): ColourMesh[] {
  const normal = seededNormal(11);
  return [0, 1, 2, 3].map((f) => ({
    x,
    y,
    sigma: SIGMA,
    values: SKY.map((sky, c) =>
      Float64Array.from(
        x,
        (_, k) =>
          700 +
          9 * f +
          sky * levelAt(Float64Array.from(skyOf(f)), 0, 6, x[k], y[k]) +
          nebula(k % NX, Math.floor(k / NX))[c] +
          SIGMA[c] * normal(),
      ),
    ),
  }));
}

const inOneColour =
  (brightness: (x: number, y: number) => number): Light =>
  (i, j) =>
    NEBULA.map((n) => n * brightness(i, j));
const everywhere = inOneColour((i, j) => 60 + 3 * i + 30 * Math.sin(j / 3) + 25 * Math.cos(i / 2));

/** With light of another colour in some cells. */
const patched: Light = (i, j) =>
  everywhere(i, j).map((v, c) => v + (Math.hypot(i - 4, j - 4) < 2.5 ? [0, 20, 60][c] : 0));

/** Largest difference from the skies that were laid in, over all frames and cells, ADU of the second channel, constants aside. */
function worst(terms: readonly Float64Array[]): number {
  return Math.max(
    ...terms.flatMap((p, f) => {
      const off = Float64Array.from(skyOf(f), (v, k) => SKY[1] * (p[k] - v));
      const values = Array.from(x, (_, k) => levelAt(off, 0, 6, x[k], y[k]));
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      return values.map((v) => Math.abs(v - mean));
    }),
  );
}

describe('the sky of each frame under', () => {
  it.each([
    ['a nebula with a slope of its own', everywhere],
    ['a bright ridge', inOneColour((i, j) => 40 + 200 * Math.exp(-((i - j) ** 2) / 30))],
    ['a nebula in one half', inOneColour((i, j) => Math.max(0, i - 7) * (5 + 3 * Math.sin(j)))],
    ['one with a patch of another colour', patched],
  ])('%s', (_, nebula) => {
    const { terms, widths } = fitColourSurfaces(meshes(nebula), SKY, 2)!;
    expect(worst(terms)).toBeLessThan(2.5);
    expect(terms.every((p) => p[0] === 0)).toBe(true);
    // They say themselves how far they may be wrong: about as far as they are.
    const errors = terms.flatMap((p, f) => [1, 2].map((k) => (p[k] - skyOf(f)[k]) ** 2));
    const rms = Math.sqrt(errors.reduce((sum, v) => sum + v, 0) / errors.length);
    expect(widths[0] / rms).toBeGreaterThan(0.3);
    expect(widths[0] / rms).toBeLessThan(3);
  });

  it('is told as a plane where planes are asked for', () => {
    const { terms } = fitColourSurfaces(meshes(everywhere), SKY, 1)!;
    expect(terms.every((p) => p[3] === 0 && p[4] === 0 && p[5] === 0)).toBe(true);
  });
});

it('is told for all of very many frames, of which some tell the colour', () => {
  const few = meshes(patched);
  const many = Array.from({ length: 800 }, (_, f) => few[f % few.length]);
  const { terms, widths } = fitColourSurfaces(many, SKY, 2)!;
  expect(terms).toHaveLength(many.length);
  const alone = fitColourSurfaces(few, SKY, 2)!;
  const differences = terms.flatMap((p, f) => Array.from(p, (v, k) => Math.abs(v - alone.terms[f % 4][k])));
  expect(Math.max(...differences)).toBeLessThan(0.5);
  expect(widths[0] / alone.widths[0]).toBeCloseTo(1, 1);
});

it('is the same from levels in ADU of the frames, with the gains that make common ones of them', () => {
  const common = meshes(everywhere);
  const own = common.map((mesh, f): ColourMesh => {
    const gains = [1 + f, 0.5, 2 - f / 4];
    return { ...mesh, gains, values: mesh.values.map((of, c) => Array.from(of, (v) => v / gains[c])) };
  });
  const [alike, others] = [common, own].map((of) => fitColourSurfaces(of, SKY, 2)!);
  alike.terms.forEach((p, f) => p.forEach((v, k) => expect(others.terms[f][k]).toBeCloseTo(v, 2)));
});

describe('nothing is told', () => {
  const told = (nebula: Light, change = (mesh: ColourMesh) => mesh) =>
    fitColourSurfaces(meshes(nebula).map(change), SKY, 1);

  it('by a nebula whose colour changes over the field', () => {
    expect(
      told((i, j) => [60 * Math.sin(i / 2), 60 * Math.cos(j / 2), 60 * Math.sin((i + j) / 3)]),
    ).toBeUndefined();
  });

  it('where smooth light of a third colour lies over it', () => {
    const veil = (i: number, j: number) =>
      everywhere(i, j).map((v, c) => v + (c === 2 ? 0.5 * (i - 7) ** 2 : 0));
    expect(told(veil)).toBeUndefined();
    expect(told(everywhere)).toBeDefined();
  });

  it('by a nebula of the colour of the sky', () => {
    expect(told((i, j) => SKY.map((s) => s * everywhere(i, j)[1]))).toBeUndefined();
  });

  it('without a nebula, from too few cells, from cells in a row, or from two channels', () => {
    expect(told(() => [0, 0, 0])).toBeUndefined();
    const some = (count: number) => (mesh: ColourMesh) => ({
      ...mesh,
      x: x.subarray(0, count),
      y: y.subarray(0, count),
      values: mesh.values.map((v) => Float64Array.from(v).subarray(0, count)),
    });
    expect(told(everywhere, some(20))).toBeUndefined();
    expect(told(everywhere, some(3 * NX))).toBeUndefined();
    expect(told(everywhere, (mesh) => ({ ...mesh, values: mesh.values.slice(0, 2) }))).toBeUndefined();
  });
});
