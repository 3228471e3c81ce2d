// The command `plan`, and `run --dry-run`: the bill, and what was refused.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.js';
import type { RunEvent } from '../../src/report/events.js';
import type { PlanSummary } from '../../src/report/summaries.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { runMain } from './fake-host.js';

const folder = temporaryFolder();

const note = { code: 'cli_config_saved', params: { path: '/x' } };

const plan: PlanSummary = {
  frames: { total: 3, used: 2, rejected: [{ path: '/in/bad.fits', reason: note }], list: [] },
  grid: {
    widthPx: 4000,
    heightPx: 3000,
    channels: 3,
    pixelScaleArcsec: 2.39,
    centerRaDeg: 10.5,
    centerDecDeg: -5,
    rotationDeg: 0,
    corners: [],
  },
  cells: { count: 12, widthPx: 1024, heightPx: 1024, readAmplification: 1.25, corners: [] },
  backend: 'reference',
  memoryBytes: 1024 ** 3,
  memoryBudgetBytes: 1536 * 1024 ** 2,
  temporaryDiskBytes: 0,
  outputDiskBytes: 1024 ** 2,
  freeDiskBytes: 1024 ** 4,
  estimatedSeconds: 75,
  notices: [],
};

describe('plan', () => {
  it.each([
    ['plan', 'in', '-o', 'out'],
    ['run', 'in', '-o', 'out', '--dry-run'],
  ])('%s prints the bill and writes nothing', async (...argv) => {
    const line = [...argv.slice(0, 3), join(folder(), 'out'), ...argv.slice(4)];
    const { code, out } = await runMain(line, { services: { planMosaic: () => Promise.resolve(plan) } });
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'Frames: 2 of 3 files would be used',
      'Not used: /in/bad.fits: Saved: /x',
      'Grid: 4,000 x 3,000 px, 3 channels, 2.39″/px, centre RA 10.5° Dec -5°, rotation 0°',
      'Cells: 12 of 1,024 x 1,024 px; the raw data is read 1.25 times',
      'Backend: reference',
      'Memory: 1 GiB of a budget of 1.5 GiB',
      'Disk: 0 B temporary, 1 MiB of output; 1 TiB free',
      'Time: about 1 min 15 s',
      '',
    ]);
    expect(await readdir(folder())).toEqual([]);
  });
});

describe('plan and its events', () => {
  const rejected: RunEvent = { type: 'frame-rejected', path: '/in/bad.fits', reason: note };

  it('a refused frame is named once, in the plan', async () => {
    const { out, err } = await runMain(['plan', 'in', '-o', 'out'], {
      services: {
        planMosaic: (_config, sink) => {
          sink.emit(rejected);
          return Promise.resolve(plan);
        },
      },
    });
    expect(err).toBe('');
    expect(out.match(/bad\.fits/g)).toHaveLength(1);
  });

  // no log names what the screen does not
  it.each([1, 30])('without a plan the reasons are still told, all of %i', async (files) => {
    const { code, err } = await runMain(['plan', 'in', '-o', 'out'], {
      services: {
        planMosaic: (_config, sink) => {
          for (let n = 0; n < files; n++) sink.emit(rejected);
          return Promise.reject(new CodedError('cli_input_missing'));
        },
      },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^(Not used: \/in\/bad\.fits: Saved: \/x\n)+Error: /);
    expect(err.match(/Not used/g)).toHaveLength(files);
  });
});
