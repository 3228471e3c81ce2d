// Panels that overlap narrowly may bend together by what their seams cannot tell: plain sky or the colour of a nebula holds them, and a nebula is not taken
// for sky.
import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { BLOCK_SIZE } from '../../../../src/compute/constants.js';
import { levelAt } from '../../../../src/photometry/levels/level-polynomial.js';
import { levelCoordinates } from '../../../../src/pipeline/integrate/windows/integration-frame.js';
import { blockSpans } from '../../../../src/pipeline/planning/grid/block-spans.js';
import { planLevels } from '../../../../src/pipeline/planning/sky/level-plan.js';
import type { LevelFrame } from '../../../../src/pipeline/planning/sky/observed-levels.js';
import type { OutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';
import { seededNormal } from '../../../helpers/kernel-runs.js';

const SCALE = 2.4 / 3600;
const [WIDTH, HEIGHT] = [20 * BLOCK_SIZE, 16 * BLOCK_SIZE];
const [NX, NY] = [38 * BLOCK_SIZE, 18 * BLOCK_SIZE];
const STEP = BLOCK_SIZE;
const NOISE = 1;

const tan = (x: number, y: number, nx: number, ny: number, angle: number) => {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return makeTanWcs({
    crval: [80 - x * SCALE, y * SCALE],
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-SCALE * cos, SCALE * sin, SCALE * sin, SCALE * cos],
    shape: [nx, ny],
  });
};
const gridOf = (nx: number) => ({ nx, ny: NY, wcs: tan(0, 0, nx, NY, 0), scaleArcsec: 2.4 }) as OutputGrid;
/** For a strip of panels. */
const STRIP_NX = 114 * BLOCK_SIZE;

/** What the sky holds beside its level, at a position of the grid in pixels. */
type Nebula = (x: number, y: number) => number;
/** A round one in the left panel, fading to nothing. */
const round: Nebula = (x, y) => 150 * Math.max(0, 1 - Math.hypot(x - 9 * STEP, y - 9 * STEP) / (6 * STEP));
/** One without an end, with structure that no sky has. */
const everywhere: Nebula = (x, y) =>
  60 * (2 + Math.sin(x / 170) * Math.cos(y / 130) + Math.sin((x + 2 * y) / 310)) +
  25 * Math.sin(x / 30) * Math.cos(y / 25);
/** The same, but for a tenth of each panel at its lower edge. */
const nearlyEverywhere: Nebula = (x, y) => (y < 3.2 * STEP ? 0 : everywhere(x, y));

/** Per channel: what the sky's changes and the nebula have of their colour. */
interface Colours {
  readonly sky: readonly number[];
  readonly nebula: readonly number[];
}
const GREY: Colours = { sky: [1], nebula: [1] };
const RED_NEBULA: Colours = { sky: [1, 1.2, 0.8], nebula: [1, 0.3, 0.25] };

/** The same with the colour that shows most of the nebula in the last channel. */
const RED_LAST: Colours = { sky: [0.8, 1.2, 1], nebula: [0.25, 0.3, 1] };

/** A frame that saw the nebula under a sky of its own: level, gradient and a bend that its panel shares. */
function frame(
  x: number,
  angle: number,
  own: number,
  bend: number,
  nebula: Nebula,
  colours: Colours,
  grid: OutputGrid = gridOf(NX),
): LevelFrame {
  const wcs = tan(x, 0, WIDTH, HEIGHT, angle);
  const normal = seededNormal(1000 + own);
  const { centreX, centreY, invScale } = levelCoordinates(WIDTH, HEIGHT);
  const [nx, ny] = [WIDTH / STEP, HEIGHT / STEP];
  const level = colours.sky.map((skyColour, c) =>
    Float32Array.from({ length: nx * ny }, (_, i) => {
      const px = (i % nx) * STEP + (STEP - 1) / 2;
      const py = Math.floor(i / nx) * STEP + (STEP - 1) / 2;
      const [gx, gy] = grid.wcs.skyToPixel(...wcs.pixelToSky(px + 1, py + 1)!)!;
      const [u, v] = [(px - centreX) * invScale, (py - centreY) * invScale];
      const sky = own + 3 * own * u + bend * (u * u + v * v);
      return 700 + skyColour * sky + colours.nebula[c] * nebula(gx - 1, gy - 1) + NOISE * normal();
    }),
  );
  const corners = [
    [1, 1],
    [WIDTH, 1],
    [WIDTH, HEIGHT],
    [1, HEIGHT],
  ].flatMap(([cx, cy]) => {
    const [gx, gy] = grid.wcs.skyToPixel(...wcs.pixelToSky(cx, cy)!)!;
    return [gx - 1, gy - 1];
  });
  return {
    wcs,
    nx: WIDTH,
    ny: HEIGHT,
    spans: blockSpans(Float64Array.from(corners), grid.nx, NY),
    grid: {
      nx,
      ny,
      stepPx: STEP,
      width: WIDTH,
      height: HEIGHT,
      level,
      noise: level.map((values) => new Float32Array(values.length).fill(NOISE * STEP)),
    },
    gains: level.map(() => 1),
  };
}

/** Two panels with a seam of three blocks; the left one's sky bends upwards, the right one's downwards. */
const session = (nebula: Nebula, colours: Colours) => [
  ...[0, 1, 2, 3].map((k) => frame(-8.5 * STEP + 7 * k, 0.02 * k, 3 * k - 5, 5, nebula, colours)),
  ...[0, 1, 2, 3].map((k) => frame(8.5 * STEP - 5 * k, 0.1 - 0.03 * k, 9 - 4 * k, -4, nebula, colours)),
];

/** Three frames each of panels at the given places, blocks from the middle of a strip, with a level, gradient and bend of their own each. */
const panelsAt = (places: readonly number[], nebula: Nebula, colours: Colours) =>
  places.flatMap((at, panel) =>
    [0, 1, 2].map((k) =>
      frame(
        (at + 0.05 * k) * STEP,
        0.01 * k,
        [-20, 25, 3][panel] + 3 * k,
        [5, -6, 2][panel],
        nebula,
        colours,
        gridOf(STRIP_NX),
      ),
    ),
  );
/** Two at `x` blocks to each side of the middle. */
const panels = (x: number, nebula: Nebula, colours: Colours) => panelsAt([-x, x], nebula, colours);

/** Plan, and the rms in the last channel of what frames show beside the nebula. */
function matched(nebula: Nebula, colours: Colours, frames = session(nebula, colours), grid = gridOf(NX)) {
  const last = colours.sky.length - 1;
  const plan = planLevels(grid, frames, { order: 2, flattensSky: true });
  const values = frames.flatMap(({ wcs, grid: mesh }, f) => {
    const { centreX, centreY, invScale } = levelCoordinates(WIDTH, HEIGHT);
    return Array.from(mesh.level[last], (value, i) => {
      const px = (i % mesh.nx) * STEP + (STEP - 1) / 2;
      const py = Math.floor(i / mesh.nx) * STEP + (STEP - 1) / 2;
      const [gx, gy] = grid.wcs.skyToPixel(...wcs.pixelToSky(px + 1, py + 1)!)!;
      const surface = levelAt(
        Float64Array.from(plan.levels[f][last].terms),
        0,
        6,
        (px - centreX) * invScale,
        (py - centreY) * invScale,
      );
      return value - surface - colours.nebula[last] * nebula(gx - 1, gy - 1);
    });
  });
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { plan, rms: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}

describe('frames are matched to the sky', () => {
  it('where it is plain, which keeps panels from bending and leaves the nebula', () => {
    const { plan, rms } = matched(round, GREY);
    expect(plan.order).toBe(2);
    expect(plan.gauges[0]).toMatchObject([{ evidence: 'plain_sky' }]);
    expect(rms).toBeLessThan(1.1 * NOISE);
  });

  it('where at first only planes show that it is', () => {
    const none: Nebula = () => 0;
    const strip = [0, 1, 2, 3, 4, 5].flatMap((k) =>
      [0, 1].map((j) =>
        frame(
          (18 * k - 45) * STEP + 5 * j,
          0.02 * j,
          4 * ((3 * k + 2 * j + 1) % 5) - 8,
          3 * ((k % 3) - 1),
          none,
          GREY,
          gridOf(STRIP_NX),
        ),
      ),
    );
    const { plan, rms } = matched(none, GREY, strip, gridOf(STRIP_NX));
    expect(plan.order).toBe(2);
    expect(rms).toBeLessThan(1.1 * NOISE);
  });

  it('panel by panel where they hardly touch', () => {
    const none: Nebula = () => 0;
    const { plan, rms } = matched(none, GREY, panels(9.6, none, GREY), gridOf(STRIP_NX));
    expect(plan.solutions[0].components).toBe(1);
    expect(plan.order).toBe(2);
    expect(rms).toBeLessThan(1.1 * NOISE);
  });

  it.each([
    ['all of it is plain', () => 0, GREY, 'plain_sky'],
    ['a nebula of another colour leaves a tenth', nearlyEverywhere, RED_NEBULA, 'nebula_colour'],
  ] as const)('each part by itself where they share none and %s', (_, nebula, colours, evidence) => {
    const { plan, rms } = matched(nebula, colours, panels(12, nebula, colours), gridOf(STRIP_NX));
    expect(plan.gauges[0]).toMatchObject([0, 1].map(() => ({ evidence, levelEvidence: 'plain_sky' })));
    expect(rms).toBeLessThan(1.2 * NOISE);
  });

  it.each([
    [9, 1],
    [9.2, 4],
  ])('no more than they bear where a nebula over one panel passes for its sky (%s, %s)', (x, edge) => {
    const even: Nebula = (at) => 10 * Math.min(1, Math.max(0, (at / STEP - 57 + edge / 2) / edge));
    const { plan, rms } = matched(even, GREY, panels(x, even, GREY), gridOf(STRIP_NX));
    // bends that nothing tells stay; surfaces and a sky that led each other on were 40 ADU off
    expect(plan.order).toBe(1);
    expect(rms).toBeLessThan(5);
  });

  it('by wide overlaps rather than by what is darkest in each panel, where colour tells the rest', () => {
    const lifted: Nebula = (at, y) => (y < 6 * STEP ? (at < 57 * STEP ? 0 : 8) : everywhere(at, y));
    const { plan, rms } = matched(lifted, RED_LAST, panels(7, lifted, RED_LAST), gridOf(STRIP_NX));
    expect(plan.gauges[0]).toMatchObject([{ evidence: 'nebula_colour' }]);
    expect(rms).toBeLessThan(1.3 * NOISE);
  });

  it('panel by panel where they hardly touch under a nebula, beside a part that is plain', () => {
    const leftOnly: Nebula = (x, y) => (x < 75 * STEP && y >= 6 * STEP ? everywhere(x, y) : 0);
    const frames = panelsAt([-40, -20.5, 40], leftOnly, RED_LAST);
    const { plan, rms } = matched(leftOnly, RED_LAST, frames, gridOf(STRIP_NX));
    expect(plan.gauges[2]).toMatchObject([{ evidence: 'nebula_colour' }, { evidence: 'plain_sky' }]);
    expect(rms).toBeLessThan(1.5 * NOISE);
  });

  it('whatever a frame lacks that shows no sky at all', () => {
    const blind = frame(0, 0, 0, 0, round, GREY);
    blind.grid.noise[0].fill(0);
    const { plan } = matched(round, GREY, [...session(round, GREY), blind]);
    expect(plan.order).toBe(2);
    expect(plan.gauges[0][0]).toMatchObject({ evidence: 'plain_sky', offset: 0 });
  });

  it('where a nebula of another colour leaves none', () => {
    const { plan, rms } = matched(everywhere, RED_NEBULA);
    expect(plan.order).toBe(2);
    expect(plan.gauges).toMatchObject([0, 1, 2].map(() => [{ evidence: 'nebula_colour' }]));
    expect(rms).toBeLessThan(1.1 * NOISE);
  });

  it('but not where a grey nebula leaves none', () => {
    const { plan } = matched(everywhere, GREY);
    expect(plan.order).toBe(1);
    expect(plan.gauges[0]).toMatchObject([{ evidence: 'none', gradientX: 0, gradientY: 0 }]);
  });
});
