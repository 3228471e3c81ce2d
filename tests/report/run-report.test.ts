import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.js';
import { reportedStage, writeRunReport, type RunReport } from '../../src/report/run-report.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zemosaic-report-'));
});
afterEach(() => rm(dir, { recursive: true }));

const report: RunReport = {
  report_version: 2,
  run_id: 'r1',
  outcome: 'success',
  started_at: '2026-01-01T00:00:00.000Z',
  wall_ms: 10,
  cpu_ms: 9,
  peak_memory_bytes: 1,
  versions: { zemosaic: '0.1.0' },
  config: resolveConfig({}).config,
  config_digest: 'd',
  inputs: { dir: '/in', total: 1, used: 1, rejected: [] },
  stages: [reportedStage({ stage: 'warp', backend: 'reference', wallMs: 500, bytes: 1000, items: 1 })],
  outputs: [],
  teardown: { removed: [], kept: [], refused: [], failed: [] },
  warnings: [],
  notices: [],
};

it('the report appears whole, replaces an older one and leaves nothing beside it', async () => {
  const path = join(dir, 'run-report.json');
  await writeRunReport(path, { ...report, run_id: 'older' });
  await writeRunReport(path, report);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(report);
  expect(await readdir(dir)).toEqual(['run-report.json']);
});

it('what a run that was killed over its report has left goes with the next one, and nothing of a like name', async () => {
  const path = join(dir, 'run-report.json');
  const others = [
    'run-report.json.bak.tmp',
    'other.json.0123456789ab.tmp',
    'run-report.json.0123456789ab.tmp.old',
  ];
  // before this run, though a process may have several of them
  const before = new Date();
  for (const name of ['run-report.json.0123456789ab.tmp', ...others]) {
    await writeFile(join(dir, name), '{');
    await utimes(join(dir, name), before, before);
  }
  await writeRunReport(path, { ...report, started_at: new Date(before.getTime() + 10).toISOString() });
  expect((await readdir(dir)).sort()).toEqual([...others, 'run-report.json'].sort());
});

it('what another run may be writing stays, as does what is no file', async () => {
  const path = join(dir, 'run-report.json');
  const before = new Date(Date.parse(report.started_at) - 1000);
  const [growing, folder] = ['run-report.json.0123456789ab.tmp', 'run-report.json.ba9876543210.tmp'];
  await writeFile(join(dir, growing), '{');
  await mkdir(join(dir, folder));
  await utimes(join(dir, folder), before, before);
  await writeRunReport(path, report);
  expect((await readdir(dir)).sort()).toEqual([growing, folder, 'run-report.json'].sort());
});

it('a failure leaves no temporary file', async () => {
  const path = join(dir, 'run-report.json');
  await mkdir(path);
  await expect(writeRunReport(path, report)).rejects.toThrow();
  expect(await readdir(dir)).toEqual(['run-report.json']);
});

it('throughput is bytes a second, 0 without time', () => {
  expect(report.stages[0].bytes_per_second).toBe(2000);
  const none = reportedStage({ stage: 's', backend: 'host', wallMs: 0, bytes: 5, items: 1 });
  expect(none.bytes_per_second).toBe(0);
});
