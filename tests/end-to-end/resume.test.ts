// A run that was killed, stopped or ran out of disk goes on where it was and gives the bytes of one that was left alone; one that does
// not fit is not believed.
import { spawn } from 'node:child_process';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi, type MockInstance } from 'vitest';
import { Memmap } from '../../src/cleanup/memmap.js';
import { STOP_AND_KEEP } from '../../src/cleanup/signals.js';
import { cleanDirectory } from '../../src/cleanup/stale-runs.js';
import type { ConfigKey } from '../../src/config/table.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import type { RunReport } from '../../src/report/run-report.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { digestOf, filesBelow, makeSmallSession, run } from './support.js';

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const input = () => path.join(shared(), 'session');
const output = () => path.join(folder(), 'out');
const child = fileURLToPath(new URL('resume-child.ts', import.meta.url));
const PRODUCTS = ['run-report.json', 'zemosaic_preview.png', 'zemosaic_science.fits'];

type Argv = Partial<Record<ConfigKey, string | boolean>>;

function argv(extra: Argv = {}): Argv {
  return {
    input_dir: input(),
    output_dir: output(),
    runtime_temp_dir: path.join(folder(), 'tmp'),
    // several cells, so that there is something between the first and the last
    cell_size_px: '64',
    warp_kernel: 'bilinear',
    ...extra,
  };
}

/** Header lines without what names the moment and the run; all pixels of all HDUs. */
async function contentOf(dir: string): Promise<{ pixels: Buffer[]; cards: string[]; preview: Buffer }> {
  const file = path.join(dir, 'zemosaic_science.fits');
  const fits = await openFits(file);
  try {
    const pixels: Buffer[] = [];
    for (const hdu of fits.hdus) {
      if (!hdu.image) continue;
      const [nx, ny, planes = 1] = [...hdu.image.shape].reverse();
      for (let plane = 0; plane < planes; plane++) {
        const data = await readWindow(fits, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny });
        pixels.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      }
    }
    const text = (await readFile(file)).toString('latin1');
    const cards = (text.match(/[^]{80}/g) ?? [])
      .filter((card) =>
        /^(SIMPLE|XTENSION|BITPIX|NAXIS|C(TYPE|RVAL|RPIX|D\d_\d)|NFRAMES|EXPTIME|STAGE|HISTORY)/.test(card),
      )
      .map((card) => card.trimEnd());
    return { pixels, cards, preview: await readFile(path.join(dir, 'zemosaic_preview.png')) };
  } finally {
    await fits.close();
  }
}

let whole: Awaited<ReturnType<typeof contentOf>>;
let inputs: string;

beforeAll(async () => {
  await makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160], extras: false });
  inputs = await digestOf(input());
  const alone = path.join(shared(), 'alone');
  await run({ ...argv(), output_dir: alone, runtime_temp_dir: path.join(shared(), 'tmp') });
  whole = await contentOf(alone);
});

/** A phase and the steps done in it. */
type At = readonly [phase: string, steps: number];

/** A run in its own process, which gets `signal` at a point of its work. Resolves with its exit code once it is gone. */
function childRun(extra: Argv, [phase, steps]: At, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, ['--import', 'tsx', child, JSON.stringify(argv(extra))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let done = -1;
    createInterface(process_.stdout).on('line', (line) => {
      const event = JSON.parse(line) as { type: string; phase?: string };
      if (event.phase === phase && ++done === steps) process_.kill(signal);
    });
    process_.on('error', reject);
    process_.on('close', resolve);
  });
}

async function expectWhole(report: RunReport): Promise<void> {
  expect(report.outcome).toBe('success');
  expect(await contentOf(output())).toEqual(whole);
  expect(await filesBelow(output())).toEqual(PRODUCTS);
  expect(await filesBelow(folder())).not.toContain('tmp/');
  expect(await digestOf(input())).toBe(inputs);
}

const noticesOf = (report: RunReport): string[] => report.notices.map(({ code }) => code);

/** A backend that fails after so many programs. */
function failingAfter(programs: number, error: Error): () => ComputeBackend {
  return () => {
    const inner = createReferenceBackend();
    let calls = 0;
    return {
      ...bound(inner),
      submit: (program) => (++calls > programs ? Promise.reject(error) : inner.submit(program)),
    };
  };
}

const bound = (inner: ComputeBackend): ComputeBackend => ({
  info: inner.info,
  supports: (stem) => inner.supports(stem),
  submit: (program) => inner.submit(program),
  resident: () => inner.resident(),
  takeProfile: () => inner.takeProfile(),
  close: () => inner.close(),
});

describe('a run that was killed', () => {
  it.each<At>([
    ['scan', 1],
    ['ingest', 1],
    ['output_grid', 0],
    ['assembly', 3],
    ['save', 1],
    ['teardown', 0],
  ])(
    'in %s after %i steps goes on and gives the same bytes',
    async (...at) => {
      await childRun({}, at, 'SIGKILL');
      const { report } = await run(argv());
      await expectWhole(report);
    },
    60_000,
  );

  it('twice, and stopped a third time in between, too', async () => {
    await childRun({}, ['ingest', 2], 'SIGKILL');
    await childRun({}, ['assembly', 2], 'SIGKILL');
    // after two that were known
    expect(await childRun({}, ['assembly', 3], 'SIGTERM')).toBe(3);
    const { report } = await run(argv());
    expect(report.resumed?.frames).toBe(3);
    await expectWhole(report);
  });

  it('with a memmap directory of its own leaves that clean as well', async () => {
    const memmaps = path.join(folder(), 'mm', 'deep');
    await childRun({ coadd_memmap_dir: memmaps }, ['assembly', 3], 'SIGKILL');
    expect((await readdir(memmaps)).join()).toMatch(/mosaic_.*\.dat/);
    const { report } = await run(argv({ coadd_memmap_dir: memmaps }));
    expect(report.resumed).toBeDefined();
    await expectWhole(report);
    expect(await filesBelow(folder())).not.toContain('mm/deep/');
  });
});

describe('a run that was stopped or failed', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s keeps exactly what it needs, lists it, and goes on',
    async (signal) => {
      const controller = new AbortController();
      let steps = 0;
      const stopped = run(argv(), {
        signal: controller.signal,
        onEvent(event) {
          if (event.type === 'phase-progress' && event.phase === 'assembly' && ++steps === 3)
            controller.abort(signal);
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: 'cleanup_interrupted' });
      const left = (await filesBelow(output())).map((f) =>
        f
          .replace(/_[0-9a-f]{8}(?=\.|\/)/, '_RUN')
          .replace(/\d+x\d+/, 'NYxNX')
          .replace(/run-.*journal/, 'run-ID.journal'),
      );
      expect(left).toEqual([
        '.zemosaic-run-ID.journal',
        'coverage_NYxNX_RUN.dat',
        'coverage_NYxNX_RUN.dat.json',
        'mosaic_NYxNXx3_RUN.dat',
        'mosaic_NYxNXx3_RUN.dat.json',
        'run-report.json',
        'zemosaic_state_RUN/',
        'zemosaic_state_RUN/cells.bin',
        'zemosaic_state_RUN/frames.bin',
        'zemosaic_state_RUN/key.json',
        'zemosaic_state_RUN/places.bin',
        'zemosaic_weight_NYxNXx3_RUN.dat',
        'zemosaic_weight_NYxNXx3_RUN.dat.json',
      ]);
      const told = JSON.parse(await readFile(path.join(output(), 'run-report.json'), 'utf8')) as RunReport;
      expect(told.teardown.kept).toHaveLength(7);
      const measured: string[] = [];
      const { report } = await run(argv(), {
        onEvent: (event) => {
          if (event.type === 'notice') measured.push(event.message.code);
        },
      });
      expect(report.resumed).toMatchObject({ frames: 3, cells: 3 });
      expect(measured).toContain('pipeline_resumed');
      expect(report.stages.some(({ stage }) => stage === 'measure')).toBe(false);
      await expectWhole(report);
    },
  );

  it('while it saves goes on behind all its cells, though no checkpoint was due', async () => {
    const controller = new AbortController();
    const stopped = run(argv(), {
      signal: controller.signal,
      onEvent(event) {
        if (event.type === 'phase-started' && event.phase === 'save') controller.abort('SIGTERM');
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cleanup_interrupted' });
    const { report } = await run(argv());
    expect(report.resumed!.cells).toBeGreaterThan(0);
    expect(report.stages.some(({ stage }) => stage === 'write')).toBe(false);
    await expectWhole(report);
  });

  it('by a file that fails between its cells and what it saves goes on behind all of them', async () => {
    let fails: MockInstance | undefined;
    try {
      const stopped = run(argv(), {
        onEvent(event) {
          if (event.type !== 'phase-finished' || event.phase !== 'assembly') return;
          fails = vi.spyOn(Memmap.prototype, 'readRegion').mockRejectedValue(new Error('EIO'));
        },
      });
      await expect(stopped).rejects.toThrow('EIO');
    } finally {
      fails?.mockRestore();
    }
    const { report } = await run(argv());
    expect(report.stages.some(({ stage }) => stage === 'write')).toBe(false);
    await expectWhole(report);
  });

  it('by an error of its backend goes on behind the cells that were done', async () => {
    await expect(run(argv(), { backend: failingAfter(10, new Error('device lost')) })).rejects.toThrow(
      'device lost',
    );
    const { report } = await run(argv());
    expect(report.resumed!.cells).toBeGreaterThan(0);
    await expectWhole(report);
  });

  it('by a full disk goes on once there is room', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    await expect(run(argv(), { backend: failingAfter(10, full) })).rejects.toThrow('no space');
    const { report } = await run(argv());
    expect(report.resumed!.cells).toBeGreaterThan(0);
    await expectWhole(report);
  });
});

/** As where cells lie in a memory of their own, so that canvases are held. */
function besideDevice(): ComputeBackend {
  const { info, ...backend } = bound(createReferenceBackend());
  return { ...backend, info: { ...info, limits: { ...info.limits, onHost: false } } };
}

describe('files of what memory holds', () => {
  /** How often a run without resume that is stopped writes into its arrays, and what it leaves of its mosaic. */
  async function stoppedIn(phase: string, reason: string) {
    const controller = new AbortController();
    const writes = vi.spyOn(Memmap.prototype, 'writeRegion');
    try {
      const stopped = run(argv({ resume: 'off' }), {
        backend: besideDevice,
        signal: controller.signal,
        onEvent(event) {
          if ('phase' in event && event.phase === phase && event.type !== 'phase-started')
            controller.abort(reason);
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: 'cleanup_interrupted' });
      const mosaic = (await readdir(output())).find((name) => /^mosaic_.*\.dat$/.test(name));
      const left = mosaic === undefined ? undefined : await readFile(path.join(output(), mosaic));
      return { writes: writes.mock.calls.length, isFilled: left?.some((byte) => byte !== 0) };
    } finally {
      writes.mockRestore();
    }
  }

  it.each(['assembly', 'save'])('are not filled in %s where nothing is kept', async (phase) => {
    expect(await stoppedIn(phase, 'SIGTERM')).toEqual({ writes: 0, isFilled: undefined });
  });

  it.each(['assembly', 'save'])('are filled in %s for who wants to look at them', async (phase) => {
    expect(await stoppedIn(phase, STOP_AND_KEEP)).toMatchObject({ isFilled: true });
  });
});

describe('a stopped run that does not fit', () => {
  const stop = async (extra: Argv = {}) => {
    await expect(run(argv(extra), { backend: failingAfter(10, new Error('lost')) })).rejects.toThrow('lost');
  };

  it('because a setting has changed is not gone on with, is said so, and is removed', async () => {
    await stop();
    const { report } = await run(argv({ stacking_kappa_low: '2' }));
    expect(report.resumed).toBeUndefined();
    expect(report.notices).toContainEqual({
      code: 'pipeline_resume_config',
      params: { keys: 'stacking_kappa_low', count: 1, anew: 'yes' },
    });
    const alone = path.join(folder(), 'alone');
    await run(argv({ stacking_kappa_low: '2', output_dir: alone }));
    expect(await contentOf(output())).toEqual(await contentOf(alone));
    expect(await filesBelow(output())).toEqual(PRODUCTS);
  });

  it('because an input was touched is not gone on with', async () => {
    await stop();
    const frame = path.join(
      input(),
      (await readdir(input())).find((name) => name.endsWith('.fit'))!,
    );
    await utimes(frame, new Date(), new Date());
    const { report } = await run(argv());
    expect(noticesOf(report)).toContain('pipeline_resume_inputs');
    await expectWhole(report);
  });

  it('because its record is torn is not gone on with', async () => {
    await stop();
    const state = (await readdir(output())).find((name) => name.startsWith('zemosaic_state_'))!;
    await writeFile(path.join(output(), state, 'key.json'), '{"stateVer');
    const { report } = await run(argv());
    expect(noticesOf(report)).toContain('pipeline_resume_unreadable');
    await expectWhole(report);
  });

  it('whose canvases were deleted begins its cells anew', async () => {
    await stop();
    for (const name of await readdir(output()))
      if (/^mosaic_.*\.dat$/.test(name)) await rm(path.join(output(), name));
    const { report } = await run(argv());
    expect(report.resumed).toBeDefined();
    await expectWhole(report);
  });

  it('with resume off is given up', async () => {
    await stop();
    const { report } = await run(argv({ resume: 'off' }));
    expect(noticesOf(report)).toContain('pipeline_resume_off');
    await expectWhole(report);
  });

  it('with resume forced fails and leaves it as it was', async () => {
    await expect(run(argv({ resume: 'force' }))).rejects.toMatchObject({ code: 'pipeline_resume_none' });
    await stop();
    const before = (await filesBelow(output())).filter((f) => f.includes('.dat'));
    await expect(run(argv({ resume: 'force', stacking_kappa_high: '2' }))).rejects.toMatchObject({
      code: 'pipeline_resume_config',
    });
    expect((await filesBelow(output())).filter((f) => f.includes('.dat'))).toEqual(before);
    const { report } = await run(argv({ resume: 'force' }));
    expect(report.resumed).toBeDefined();
    await expectWhole(report);
  });

  it('stays until clean is told to take it, too', async () => {
    await stop();
    const options = { dryRun: false, runtimeTempDir: path.join(folder(), 'tmp') };
    const kept = await cleanDirectory(output(), options);
    expect(kept.removed).toEqual([]);
    expect(kept.kept).toHaveLength(7);
    await cleanDirectory(output(), { ...options, resumable: true });
    expect(await filesBelow(output())).toEqual(['run-report.json']);
    expect(await filesBelow(folder())).not.toContain('tmp/');
  });

  it('leaves nothing when the same inputs and settings would only fail again', async () => {
    await expect(run(argv({ canvas_max_megapixels: '0.001' }))).rejects.toThrow();
    expect(await filesBelow(output())).toEqual(['run-report.json']);
  });
});
