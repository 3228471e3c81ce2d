// What the integration was told of each frame, as JSON and as a digest, whatever the number of frames.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import type { Workspace } from '../../src/cleanup/workspace.js';
import type { IntegrationFrame } from '../../src/pipeline/integrate/windows/integration-frame.js';
import { integrationDigest, writeIntegrationRecord } from '../../src/pipeline/phases/integration-record.js';
import type { IntegrationPlan } from '../../src/pipeline/planning/integration-plan.js';
import type { MosaicPlan } from '../../src/pipeline/planning/mosaic-plan.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const wcs = makeTanWcs({ crval: [80, 10], crpix: [50, 50], cd: [-1e-3, 0, 0, 1e-3], shape: [100, 100] });

const frame = (f: number): IntegrationFrame => ({
  ...{ path: `/lights/${f}.fits`, hdu: 0, nx: 100, ny: 100, wcs, sensor: { kind: 'mono' } },
  hotPixelThresholds: undefined,
  levels: [{ gain: 1 + f, terms: Float64Array.of(f, 0, 0, 0, 0, 0) }],
  ...{ weights: [f], inverseVariances: [1], varianceFactors: [1] },
});
const cell = { rect: { x0: 0, y0: 0, width: 64, height: 64 }, frames: Int32Array.of(0, 1) };
const plan = { grid: { wcs }, cells: { cells: [cell] } } as unknown as MosaicPlan;
const of = (frames: readonly IntegrationFrame[]) => ({ frames }) as unknown as IntegrationPlan;

it.each([0, 1, 200, 450])('has all of %i frames in their order, and the cells', async (count) => {
  const frames = Array.from({ length: count }, (_, f) => frame(f));
  const dir = folder();
  const workspace = { mosaicFirstDir: () => Promise.resolve(dir) } as unknown as Workspace;
  await writeIntegrationRecord(workspace, plan, of(frames));
  const record = JSON.parse(await readFile(path.join(dir, 'integration.json'), 'utf8')) as {
    frames: { path: string; gains: number[]; weights: number[] }[];
    cells: unknown[];
  };
  expect(record.frames.map((told) => [told.path, told.gains[0], told.weights[0]])).toEqual(
    frames.map((told, f) => [told.path, 1 + f, f]),
  );
  expect(record.cells).toEqual([{ x0: 0, y0: 0, width: 64, height: 64, frames: [0, 1] }]);
});

it('its digest goes by all frames, but not by where their files stand', () => {
  const frames = Array.from({ length: 450 }, (_, f) => frame(f));
  const digest = integrationDigest(plan, of(frames), undefined);
  const elsewhere = frames.map((told) => ({ ...told, path: '/elsewhere' }));
  expect(integrationDigest(plan, of(elsewhere), undefined)).toBe(digest);
  for (const changed of [0, 199, 200, 449]) {
    const others = frames.map((told, f) => (f === changed ? { ...told, weights: [0.5] } : told));
    expect(integrationDigest(plan, of(others), undefined)).not.toBe(digest);
  }
  expect(integrationDigest(plan, of(frames), { groups: [] } as never)).not.toBe(digest);
});
