// Deno as the second runtime: every shader through a second WGSL compiler (Naga, in wgpu), and whole runs of the built program.
// Needs an adapter and ZEMOSAIC_DENO, the path of a Deno, both of which `npm test` provides.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { kernelStems } from '../../src/compute/contracts/index.js';
import type { RunReport } from '../../src/report/run-report.js';
import { makeSmallSession, readPlane, run } from '../end-to-end/support.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { hasAdapter } from './software-adapter.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const deno = process.env.ZEMOSAIC_DENO;
const lacking = deno === undefined ? 'ZEMOSAIC_DENO' : hasAdapter ? '' : 'an adapter';
const title = lacking === '' ? 'under Deno' : `under Deno (skipped: needs ${lacking})`;

const folder = temporaryFolderForFile();

async function runDeno(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(deno!, ['run', '-A', ...args], {
    cwd: root,
    // nothing of this is kept in the home folder, nor is anybody asked for a newer Deno
    env: { ...process.env, DENO_DIR: path.join(folder(), 'deno'), DENO_NO_UPDATE_CHECK: '1' },
    timeout: 300_000,
  });
  return stdout;
}

describe.skipIf(lacking !== '')(title, { timeout: 400_000 }, () => {
  beforeAll(async () => {
    const input_dir = path.join(folder(), 'session');
    await makeSmallSession(input_dir, { panels: [1, 1], subs: 3, size: [128, 160], extras: false });
    await run({ input_dir, output_dir: path.join(folder(), 'reference') });
  }, 400_000);

  it('every check of every kernel holds', async () => {
    const out = await runDeno([
      '--unstable-sloppy-imports',
      '--node-modules-dir=manual',
      '--import-map=tests/gpu/deno/import-map.json',
      'tests/gpu/deno/run-checks.ts',
    ]);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { adapter?: string; check?: string; ok?: boolean });
    expect(lines[0].adapter).toBeTypeOf('string');
    const checks = lines.slice(1);
    expect(checks.filter(({ ok }) => ok !== true)).toEqual([]);
    for (const stem of kernelStems) {
      expect(checks.some(({ check }) => check?.startsWith(`${stem} check`))).toBe(true);
    }
  });

  it.each(['wasm', 'webgpu'])('a whole run on %s gives the mosaic of the reference', async (backend) => {
    const output = path.join(folder(), backend);
    const args = ['run', path.join(folder(), 'session'), '-o', output, '--backend', backend, '--quiet'];
    await runDeno(['bin/zemosaic.js', ...args]);
    const report = JSON.parse(await readFile(path.join(output, 'run-report.json'), 'utf8')) as RunReport;
    expect(report.backend!.name).toBe(backend);
    const [theirs, ours] = await Promise.all(
      ['reference', backend].map((name) => readPlane(path.join(folder(), name, 'zemosaic_science.fits'), 1)),
    );
    let different = 0;
    theirs.data.forEach((value, i) => {
      expect(Number.isNaN(ours.data[i])).toBe(Number.isNaN(value));
      if (Math.abs(ours.data[i] - value) > 1e-5 * Math.abs(value)) different++;
    });
    expect(different / theirs.data.length).toBeLessThan(1e-3);
  });
});
