// Panels of different sky that nothing matches: the second pass takes the steps off the mosaic that is saved, and the report says all that it says in names that are described.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import type { RunReport } from '../../src/report/run-report.js';
import { rewriteLights } from '../helpers/damaged-session.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(folder(), ...parts);
const SUBS = 2;
/** ADU that the sky of each of six panels has too much. */
const SKY = [0, 40, -25, 30, -35, 20];

async function made(output: string, settings: Parameters<typeof run>[0] = {}): Promise<RunReport> {
  const places = { input_dir: at('uneven'), output_dir: at(output), runtime_temp_dir: at('tmp') };
  const unmatched = { stacking_normalize_method: 'none', ...settings };
  return (await run({ ...places, ...unmatched }, { backend: () => createWasmBackend() })).report;
}

let once: RunReport;
let twice: RunReport;

beforeAll(async () => {
  await makeSmallSession(at('clear'), { panels: [3, 2], size: [320, 320], subs: SUBS, extras: false });
  await rewriteLights(at('clear'), at('uneven'), (raw, _nx, _ny, index) =>
    raw.map((v) => v + SKY[Math.floor(index / SUBS)]),
  );
  once = await made('once');
  twice = await made('twice', { two_pass_residuals: 'auto', export_aesthetic_fits: true });
}, 120_000);

describe('a significant second pass', () => {
  it('takes the steps off, and says so', () => {
    expect(once.two_pass).toBeUndefined();
    const { step_before_adu: before, step_after_adu: after, significance, largest_adu } = twice.two_pass!;
    for (const [c, { seam }] of twice.product!.channels.entries()) {
      expect(once.product!.channels[c].seam.step_adu).toBeCloseTo(before[c], 1);
      expect(seam.step_adu).toBeCloseTo(after[c], 1);
      expect(after[c]).toBeLessThan(0.85 * before[c]);
      expect(significance[c]).toBeGreaterThan(2);
      expect(largest_adu[c]).toBeGreaterThan(20);
    }
    expect(Math.min(...after)).toBe(0);
  });

  it('is in the pixels that are saved, as a surface: noise and stars are those of the first', async () => {
    const science = (output: string) => readPlane(at(output, 'zemosaic_science.fits'), 1);
    const [first, second] = [await science('once'), await science('twice')];
    const off = first.data.map((v, k) => v - second.data[k]);
    const known = off.filter((v) => !Number.isNaN(v));
    expect(known.length).toBeGreaterThan(0.7 * off.length);
    expect(known.reduce((most, v) => Math.max(most, Math.abs(v)), 0)).toBeGreaterThan(20);
    // from pixel to pixel it goes on as a plane does, but at edges
    const turns = off.subarray(2).map((v, k) => Math.abs(v - 2 * off[k + 1] + off[k]));
    const sorted = turns.filter((v) => !Number.isNaN(v)).sort();
    expect(sorted[Math.floor(0.95 * sorted.length)]).toBeLessThan(0.01);
  });
});

/** All the report's keys; the compiler knows of one that is missing. */
const KEYS: Record<keyof Required<RunReport>, true> = {
  ...{ report_version: true, run_id: true, outcome: true, error: true, started_at: true, wall_ms: true },
  ...{
    cpu_ms: true,
    peak_memory_bytes: true,
    versions: true,
    config: true,
    config_digest: true,
    inputs: true,
  },
  ...{
    resumed: true,
    astrometry: true,
    grid: true,
    output: true,
    backend: true,
    backends: true,
    samples: true,
  },
  ...{
    levels: true,
    gains: true,
    transparency_colour: true,
    photons: true,
    trails: true,
    product: true,
    two_pass: true,
    aesthetic: true,
  },
  ...{ device_time: true, stages: true, outputs: true, teardown: true, warnings: true, notices: true },
};

describe('docs/report.md', () => {
  it('describes every key of the report, to its leaves', async () => {
    const rows = (await readFile('docs/report.md', 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const rowOf = (key: string) => rows.find((row) => row.split('|')[1].includes(`\`${key}\``)) ?? '';
    const isOpen = (key: string) =>
      ['config', 'versions', 'params', 'reason', 'meaning', 'code'].includes(key);
    const missing: string[] = [];
    const look = (value: unknown, row: string, where: string): void => {
      if (Array.isArray(value)) for (const one of value) look(one, row, where);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) {
          if (!row.includes(`\`${key}\``) || /[A-Z]/.test(key)) missing.push(`${where}.${key}`);
          if (!isOpen(key)) look(inner, row, `${where}.${key}`);
        }
    };
    for (const key of Object.keys(KEYS)) {
      if (rowOf(key) === '') missing.push(key);
      const isMessages = key === 'warnings' || key === 'notices' || isOpen(key);
      if (!isMessages) look(twice[key as keyof RunReport], rowOf(key), key);
    }
    for (const key of Object.keys(twice)) if (!(key in KEYS)) missing.push(key);
    expect([...new Set(missing)]).toEqual([]);
    for (const key of ['two_pass', 'aesthetic', 'product']) expect(twice).toHaveProperty(key);
  });
});
