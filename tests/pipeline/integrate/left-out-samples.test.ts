// Samples that are missing because pixels were left out of their frames are counted where they are missing, in maps and sums.
import { beforeAll, expect, it } from 'vitest';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { leftOutSamples } from '../../../src/pipeline/integrate/left-out-samples.js';
import type { IntegrationFrame } from '../../../src/pipeline/integrate/windows/integration-frame.js';
import type { PreparedFrame } from '../../../src/pipeline/integrate/windows/prepared-frame.js';
import { eachPosition } from '../../../src/pipeline/planning/grid/map-position.js';
import type { Canvas } from '../../../src/pipeline/canvas/canvas.js';
import { makeSmallSession } from '../../end-to-end/support.js';
import { prepareSession, type PreparedSession } from '../../helpers/integrate-session.js';
import { cellBlocks } from '../../helpers/kernel-runs.js';
import { temporaryFolderForFile } from '../../helpers/temporary-folder.js';

const folder = temporaryFolderForFile();

const [nx, ny, width, height] = [200, 160, 150, 130];
const turned = (x: number, y: number): [number, number] => [
  20 + 0.8 * x + 0.6 * y + 1e-4 * x * y,
  90 - 0.6 * x + 0.8 * y,
];
const isOnLine = (x: number, y: number) => Math.abs(y - 0.3 * x - 40) < 3;
const whole = { x0: 10, y0: 0, width: 190, height: ny };

function preparedFrame(
  isOut: (x: number, y: number) => boolean,
  edges?: { x: number; y: number },
  rect = whole,
): PreparedFrame {
  const leftOut = Uint32Array.from(
    [...Array(nx * ny).keys()].filter((k) => isOut(k % nx, Math.floor(k / nx))),
  );
  return {
    frame: { nx, ny, leftOut, edges } as IntegrationFrame,
    map: cellBlocks(width, height, turned),
    rect,
  };
}

it('are those whose nearest pixel of the frame is left out, wherever the frame is turned, none of its edges', () => {
  const frames = [preparedFrame(isOnLine), preparedFrame(isOnLine, { x: 60, y: 20 })];
  const { map: counts, count } = leftOutSamples(frames, { width, height }, true)!;
  let [wrong, twice] = [0, 0];
  counts!.forEach((missed, k) => {
    const [x, y] = turned(k % width, Math.floor(k / width)).map(Math.round);
    const inside = x >= 10 && x < nx && y >= 0 && y < ny && isOnLine(x, y);
    const both = inside && x >= 60 && x < nx - 60 && y >= 20 && y < ny - 20;
    if (missed !== Number(inside) + Number(both)) wrong++;
    if (both) twice++;
  });
  // a position that lies halfway between two pixels may be rounded either way
  expect(wrong).toBeLessThan(3);
  expect(twice).toBeGreaterThan(200);
  expect(count).toBe(counts!.reduce((sum, missed) => sum + missed, 0));
  expect(leftOutSamples(frames, { width, height }, false)).toEqual({ count });
  const above = preparedFrame(isOnLine, undefined, { ...whole, height: 20 });
  expect(leftOutSamples([above], { width, height }, true)).toBeUndefined();
});

it('are found wherever a single pixel is left out, as positions of all pixels find them', () => {
  const nearest = new Map<number, number>();
  const { map } = preparedFrame(isOnLine);
  eachPosition(map, { width, height }, (_, x, y) => {
    const [i, j] = [Math.floor(x + 0.5), Math.floor(y + 0.5)];
    if (i < 0 || j < 0 || i >= nx || j >= ny) return;
    const at = j * nx + i;
    nearest.set(at, (nearest.get(at) ?? 0) + 1);
  });
  let found = 0;
  for (let at = 5; at < nx * ny; at += 97) {
    const frame = { nx, ny, leftOut: Uint32Array.of(at) } as IntegrationFrame;
    const rect = { x0: 3, y0: 7, width: nx - 3, height: ny - 7 };
    const isInside = at % nx >= rect.x0 && Math.floor(at / nx) >= rect.y0;
    const missed = leftOutSamples([{ frame, map, rect }], { width, height }, false)?.count ?? 0;
    expect([at, missed]).toEqual([at, isInside ? (nearest.get(at) ?? 0) : 0]);
    found += missed;
  }
  expect(found).toBeGreaterThan(100);
});

let session: PreparedSession;
beforeAll(async () => {
  await makeSmallSession(folder(), { panels: [1, 1], subs: 4, size: [160, 192], extras: false });
  session = await prepareSession(folder(), createReferenceBackend());
});

async function sumOf(canvas: Canvas): Promise<number> {
  const plane = new Float32Array(canvas.nx * canvas.ny);
  let sum = 0;
  for (let p = 0; p < canvas.planes; p++) {
    await canvas.readRows(p, 0, canvas.ny, plane);
    sum += plane.reduce((a, b) => a + b, 0);
  }
  return sum;
}

it.each([{}, { drizzle: true, drizzle_scale: '1' }])(
  'are in the maps and the sums of a mosaic: %o',
  async (argv) => {
    const planned = session.plan({ save_rejection_maps: true, few_frames_guard: false, ...argv });
    const { frames } = planned.integration;
    const rows = [...Array(12 * frames[1].nx).keys()].map((k) => 70 * frames[1].nx + k);
    const frame = { ...frames[1], leftOut: Uint32Array.from(rows) };
    const integration = { ...planned.integration, frames: frames.with(1, frame) };
    const whole = await session.integrate({
      ...planned,
      integration: { ...planned.integration, frames: frames.map((f) => ({ ...f, leftOut: undefined })) },
    });
    const less = await session.integrate({ ...planned, integration });
    const missing = less.samples.high - whole.samples.high;
    // along the strip's borders warps give a sample of what is left
    expect(missing / (3 * rows.length)).toBeCloseTo(1, 1);
    expect(missing).toBe((await sumOf(less.rejected!.high)) - (await sumOf(whole.rejected!.high)));
    if (!('drizzle' in argv)) expect((whole.samples.used - less.samples.used) / missing).toBeCloseTo(1, 1);
    expect(less.samples.low).toBe(whole.samples.low);
  },
);
