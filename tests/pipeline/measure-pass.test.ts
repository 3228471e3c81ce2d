// What is sought in the frames of a run.
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { runDirectories } from '../../src/config/directories.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { makeSession } from '../../src/demo/make-session.js';
import { openFits } from '../../src/fits/open-fits.js';
import { scanFile } from '../../src/frames/frame-record.js';
import { listFiles } from '../../src/frames/list-files.js';
import { measureAhead } from '../../src/pipeline/phases/measure-ahead.js';
import { MeasurePass } from '../../src/pipeline/phases/measure-pass.js';
import { StageLedger } from '../../src/pipeline/stage-ledger.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

it('frames, before it is known what computes, unless a stopped run may remember them', async () => {
  const begins = async (argv: Parameters<typeof resolveConfig>[0]['argv'], stopped: number) => {
    const { config } = resolveConfig({ argv: { input_dir: folder(), output_dir: folder(), ...argv } });
    const context = {
      ...{ config, directories: runDirectories(config), ledger: new StageLedger() },
      sink: { emit: () => undefined },
      signal: new AbortController().signal,
    };
    const resume = { stoppedRuns: () => Promise.resolve(Array.from({ length: stopped }, () => ({}))) };
    const pass = await measureAhead(context, { resume } as never, []);
    await pass?.close();
    return pass !== undefined;
  };
  expect(await begins({}, 0)).toBe(true);
  expect(await begins({}, 1)).toBe(false);
  expect(await begins({ resume: 'off' }, 1)).toBe(true);
  expect(await begins({ use_existing_master_tiles: true }, 0)).toBe(false);
  expect(await begins({ calibration_from_input: true }, 0)).toBe(false);
});

it('trails, unless nothing is left out for them', async () => {
  const dir = path.join(folder(), 'session');
  await makeSession(dir, { panels: [1, 1], subs: 1, size: [130, 170], seed: 3, extras: false });
  const { files } = await listFiles(dir);
  const scanned = await scanFile(files[0]);
  if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
  const trailsUnder = async (argv: Parameters<typeof resolveConfig>[0]['argv']) => {
    const { config } = resolveConfig({ argv: { input_dir: dir, output_dir: dir, ...argv } });
    const context = {
      ...{ config, directories: runDirectories(config), ledger: new StageLedger() },
      sink: { emit: () => undefined },
      signal: new AbortController().signal,
    };
    const pass = new MeasurePass(context, []);
    const fits = await openFits(scanned.record.path);
    const seen = await pass.look(fits, scanned.record, undefined);
    await Promise.all([fits.close(), pass.close()]);
    if ('reason' in seen) throw new Error(seen.reason.code);
    return seen.stars.trails;
  };
  expect(await trailsUnder({})).toEqual([]);
  expect(await trailsUnder({ leave_out_trails: false })).toBeUndefined();
  expect(await trailsUnder({ stacking_rejection_algorithm: 'none' })).toBeUndefined();
  expect(await trailsUnder({ stacking_normalize_method: 'none' })).toBeUndefined();
});

it('nothing ahead once the run is stopped: not a file is opened', async () => {
  const { config } = resolveConfig({
    argv: { input_dir: folder(), output_dir: folder(), num_processing_workers: '2' },
  });
  const stopped = new AbortController();
  stopped.abort();
  const context = {
    ...{ config, directories: runDirectories(config), ledger: new StageLedger() },
    sink: { emit: () => undefined },
    signal: stopped.signal,
  };
  const size = { width: 4000, height: 4000, planes: 1, bitpix: 16, readableByWindows: true } as const;
  const record = { ...size, wholeFileCompression: false };
  const pass = new MeasurePass(
    context,
    Array.from({ length: 40 }, () => ({ record, isCalibrated: false })),
  );
  const asked = vi.fn(() => path.join(folder(), 'none.fit'));
  pass.lookAhead([Object.defineProperty({ ...record }, 'path', { get: asked }) as never]);
  await pass.close();
  expect(pass.atOnce).toBeGreaterThan(1);
  expect(asked).not.toHaveBeenCalled();
});

it('and a pass that is closed has no memory left of those that it looked at', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const dir = path.join(folder(), 'session');
  await makeSession(dir, { panels: [1, 1], subs: 1, size: [1200, 1000], seed: 4, extras: false });
  const scanned = await scanFile((await listFiles(dir)).files[0]);
  if (scanned.kind !== 'light') throw new Error(scanned.reason.code);
  const { config } = resolveConfig({ argv: { input_dir: dir, output_dir: dir } });
  const context = {
    ...{ config, directories: runDirectories(config), ledger: new StageLedger() },
    sink: { emit: () => undefined },
    signal: new AbortController().signal,
  };
  const pass = new MeasurePass(context, []);
  const fits = await openFits(scanned.record.path);
  await pass.look(fits, scanned.record, undefined);
  await fits.close();
  const held = async () => {
    // what a turn of the event loop still holds, files that are closed among it, goes with it
    await setImmediate();
    // the second waits until what the first has found is swept
    for (let k = 0; k < 2; k++) collect();
    return process.memoryUsage().arrayBuffers;
  };
  const open = await held();
  await pass.close();
  expect(open - (await held())).toBeGreaterThan(1200 * 1000);
  // which is still there
  expect(pass.atOnce).toBe(1);
});
