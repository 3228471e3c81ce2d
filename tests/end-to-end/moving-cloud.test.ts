// A cloud that drifts over the field while the panels are taken: it dims stars and sky and glows, more in one corner of a frame than in another.
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { rewriteLights, OFFSET } from '../helpers/damaged-session.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { unevenness } from './compare-on-sky.js';
import { makeSmallSession, run } from './support.js';

const folder = temporaryFolderForFile();
const at = (name: string) => path.join(folder(), name);
const SUBS = 6;
/** ADU at the middle of the cloud, which takes three tenths of the light there. */
const GLOW = 120;

const runOn = (lights: string, out: string, settings: Parameters<typeof run>[0] = {}) =>
  run(
    { input_dir: at(lights), output_dir: at(out), runtime_temp_dir: at('tmp'), ...settings },
    { backend: () => createWasmBackend() },
  );

beforeAll(async () => {
  await makeSmallSession(at('clear'), { panels: [2, 1], subs: SUBS, extras: false });
  await rewriteLights(at('clear'), at('cloudy'), (raw, nx, ny, index) => {
    const [cx, cy] = [nx * (-0.3 + (1.6 * (index % SUBS)) / SUBS), ny * (0.2 + 0.05 * index)];
    return raw.map((v, i) => {
      const r = Math.hypot((i % nx) - cx, Math.floor(i / nx) - cy) / (0.5 * nx);
      const cloud = Math.exp(-r * r);
      return (v - OFFSET) * (1 - 0.3 * cloud) + OFFSET + GLOW * cloud;
    });
  });
  await runOn('clear', 'out_clear');
}, 120_000);

it('leaves no more of it than its own structure within a frame', async () => {
  const { report } = await runOn('cloudy', 'out_cloudy');
  expect(report.inputs.used).toBe(2 * SUBS);
  await runOn('cloudy', 'out_plain', { stacking_normalize_method: 'none' });
  const matched = await unevenness(at('out_cloudy'), at('out_clear'));
  const plain = await unevenness(at('out_plain'), at('out_clear'));
  // 5, 8 and 5 ADU of a cloud of 120
  for (const [channel, { rms, most }] of matched.entries()) {
    expect(rms).toBeLessThan(12);
    expect(most).toBeLessThan(35);
    expect(plain[channel].rms).toBeGreaterThan(2.5 * rms);
  }
  // the cloud is grey
  expect(report.transparency_colour).toEqual({ frames_percent: 0, groups_percent: 0 });
  for (const { zero_point } of report.product!.channels) expect(zero_point!.scatter_percent).toBeLessThan(4);
}, 120_000);
