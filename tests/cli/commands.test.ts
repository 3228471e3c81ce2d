import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.js';
import { configDigest } from '../../src/config/digest.js';
import type { RunConfig } from '../../src/config/table.js';
import type { RunEvent } from '../../src/report/events.js';
import { STOP_AND_KEEP } from '../../src/cleanup/signals.js';
import type { RunReport } from '../../src/report/run-report.js';
import type { BackendSummary, PlanSummary, SolvedFile } from '../../src/report/summaries.js';
import { type FakeOptions, runMain } from './fake-host.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zemosaic-cli-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const note = { code: 'cli_config_saved', params: { path: '/x' } };

function reportOf(config: RunConfig): RunReport {
  return {
    report_version: 1,
    run_id: 'r',
    outcome: 'success',
    started_at: '2026-01-01T00:00:00.000Z',
    wall_ms: 1,
    cpu_ms: 1,
    peak_memory_bytes: 1,
    versions: {},
    config,
    config_digest: configDigest(config),
    inputs: { dir: config.input_dir, total: 1, used: 1, rejected: [] },
    stages: [],
    outputs: [
      { kind: 'science', path: '/out/z_science.fits', bytes: 1 },
      { kind: 'run_report', path: '/out/run-report.json', bytes: 1 },
    ],
    teardown: { removed: [], kept: [], refused: [], failed: [] },
    warnings: [],
    notices: [],
  };
}

describe('run', () => {
  it('hands the configuration of all layers over and prints what it made', async () => {
    const seen: RunConfig[] = [];
    const { code, out, err } = await runMain(
      [
        'run',
        join(dir, 'in'),
        '-o',
        join(dir, 'out'),
        '--keep-temp',
        '--kappa-low=2',
        '--threads',
        '1',
        '--threads',
        '2',
      ],
      {
        env: { ZEMOSAIC_STACKING_KAPPA_HIGH: '4' },
        services: {
          runMosaic: (config, sink) => {
            seen.push(config);
            sink.emit({ type: 'phase-started', phase: 'scan', unit: 'files', total: 3 });
            sink.emit({ type: 'warning', message: note });
            return Promise.resolve(reportOf(config));
          },
        },
      },
    );
    expect(seen).toMatchObject([
      {
        input_dir: join(dir, 'in'),
        output_dir: join(dir, 'out'),
        cleanup_temp_artifacts: false,
        stacking_kappa_low: 2,
        stacking_kappa_high: 4,
        num_processing_workers: 2,
      },
    ]);
    expect([code, out]).toEqual([0, '/out/z_science.fits\n']);
    expect(err).toBe('Scan (3 files)\nWarning: Saved: /x\n');
    expect(await readdir(join(dir, 'out'))).toEqual(['zemosaic.log']);
  });

  it('--profile tells beside the result where the time went', async () => {
    const { err } = await runMain(['run', 'in', '-o', join(dir, 'out'), '--profile'], {
      services: {
        runMosaic: (config) =>
          Promise.resolve({
            ...reportOf(config),
            device_time: { kernel_ms: 750, assembly_ms: 1000, busy_share: 0.75 },
            stages: [
              {
                stage: 'warp',
                backend: 'wasm',
                wallMs: 500,
                bytes: 2 ** 20,
                items: 3,
                bytes_per_second: 2 ** 21,
              },
            ],
          }),
      },
    });
    expect(err.trimEnd().split('\n')).toEqual([
      'warp on wasm: 500 ms, 1 MiB (2 MiB/s)',
      'Kernels ran 750 ms of the 1 s of the integration: the device was busy 75 % of the time',
    ]);
  });

  it('--json prints events and nothing else', async () => {
    const { out, err } = await runMain(['run', 'in', '-o', join(dir, 'out'), '--json'], {
      services: {
        runMosaic: (config, sink) => {
          sink.emit({ type: 'notice', message: note });
          return Promise.resolve(reportOf(config));
        },
      },
    });
    expect(err).toBe('');
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ type: 'notice', message: note }]);
  });

  it('notes about the configuration are shown at once and open the log', async () => {
    const { err } = await runMain(
      ['run', 'in', '-o', join(dir, 'out'), '--no-coadd-use-memmap', '--coadd-memmap-dir', '/m'],
      {
        services: {
          runMosaic: (config, sink) => {
            const folders = { inputDir: 'in', outputDir: 'out' };
            sink.emit({ type: 'run-started', runId: 'r', version: '1', configDigest: 'd', ...folders });
            return Promise.resolve(reportOf(config));
          },
        },
      },
    );
    expect(err).toMatch(/^Note: --coadd-memmap-dir has no effect/);
    const log = await readFile(join(dir, 'out', 'zemosaic.log'), 'utf8');
    expect(
      log
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['ZeMosaic 1: in → out', expect.stringMatching(/^Note: --coadd-memmap-dir/) as string]);
  });

  it('an error is told, logged, and gets the code that the services give it', async () => {
    const { code, err, listening } = await runMain(['run', 'in', '-o', join(dir, 'out')], {
      services: {
        runMosaic: (_config, sink) => {
          sink.emit({ type: 'notice', message: note });
          return Promise.reject(new CodedError('cli_conflict', { first: 'a', second: 'b' }));
        },
        exitNameOf: (error) =>
          error instanceof CodedError && error.code === 'cli_conflict' ? 'noFrames' : undefined,
      },
    });
    expect(code).toBe(3);
    expect(err).toContain('Error: a and b contradict each other.');
    expect(listening).toBe(0);
    expect(await readFile(join(dir, 'out', 'zemosaic.log'), 'utf8')).toContain('a and b contradict');
  });

  it('a run that is refused before its first event leaves no folder behind', async () => {
    const { code } = await runMain(['run', 'in', '-o', join(dir, 'out')], {
      services: { runMosaic: () => Promise.reject(new Error('boom')) },
    });
    expect(code).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s asks the run to stop, waits for its teardown and ends with %d',
    async (signal, expected) => {
      const order: string[] = [];
      const { code, err, exits, listening } = await runMain(
        ['run', 'in', '-o', join(dir, 'out')],
        (send) => ({
          services: {
            runMosaic: async (_config, _sink, stop) => {
              send(signal);
              order.push(`aborted ${stop.aborted}`);
              await Promise.resolve();
              order.push('torn down');
              throw new Error('stopped');
            },
          },
        }),
      );
      expect(order).toEqual(['aborted true', 'torn down']);
      expect([code, exits, listening]).toEqual([expected, [], 0]);
      expect(err).toContain(`Stopped by ${signal}.`);
      expect(err).not.toContain('Error:');
    },
  );

  it('the keep signal stops like Ctrl-C and says that nothing temporary is to go', async () => {
    let reason: unknown;
    const { code } = await runMain(['run', 'in', '-o', join(dir, 'out')], (send) => ({
      services: {
        runMosaic: (_config, _sink, stop) => {
          send('SIGUSR2');
          reason = stop.reason;
          return Promise.reject(new Error('stopped'));
        },
      },
    }));
    expect([code, reason]).toEqual([130, STOP_AND_KEEP]);
  });

  it('only a third Ctrl-C ends at once', async () => {
    const exitsSoFar: number[] = [];
    const { exits, err } = await runMain(['run', 'in', '-o', join(dir, 'out')], (send, ended) => ({
      services: {
        runMosaic: () => {
          for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT', 'SIGINT'] as const) {
            send(signal);
            exitsSoFar.push(ended.length);
          }
          return Promise.reject(new Error('stopped'));
        },
      },
    }));
    expect(exitsSoFar).toEqual([0, 0, 0, 1]);
    expect(exits).toEqual([130]);
    expect(err.match(/Still clearing up/g)).toHaveLength(1);
  });

  it('that was done before the signal took effect is a success', async () => {
    const { code } = await runMain(['run', 'in', '-o', join(dir, 'out')], (send) => ({
      services: {
        runMosaic: (config) => {
          send('SIGINT');
          return Promise.resolve(reportOf(config));
        },
      },
    }));
    expect(code).toBe(0);
  });
});

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
    const line = [...argv.slice(0, 3), join(dir, 'out'), ...argv.slice(4)];
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
    expect(await readdir(dir)).toEqual([]);
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

  it('without a plan the reasons are still told', async () => {
    const { code, err } = await runMain(['plan', 'in', '-o', 'out'], {
      services: {
        planMosaic: (_config, sink) => {
          sink.emit(rejected);
          return Promise.reject(new CodedError('cli_input_missing'));
        },
      },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^Not used: \/in\/bad\.fits: Saved: \/x\nError: /);
  });
});

describe('inspect, backends, clean', () => {
  it('inspect shows images, WCS and cards', async () => {
    const { code, out } = await runMain(['inspect', 'a.fits'], {
      services: {
        inspectFile: (path) =>
          Promise.resolve({
            path,
            bytes: 2880,
            classification: note,
            images: [{ hdu: 1, shape: [1080, 1920], bitpix: 16, compression: 'RICE_1' }],
            header: [{ keyword: 'OBJECT', value: "'M 31'", comment: 'target' }],
            warnings: [],
          }),
      },
    });
    expect(code).toBe(0);
    expect(out).toBe(
      "a.fits: Saved: /x (2.81 KiB)\nHDU 1: image of 1080 x 1920, BITPIX 16, compressed with RICE_1\nWCS: none\n  OBJECT   = 'M 31' / target\n",
    );
  });

  it('backends says which work and why others do not', async () => {
    const asked: boolean[] = [];
    const options: FakeOptions = {
      services: {
        listBackends: (config, { speed }) => {
          asked.push(speed);
          const backends: BackendSummary[] = [
            {
              name: 'webgpu',
              available: false,
              description: 'none',
              software: false,
              reason: note,
              limits: {},
            },
            {
              name: 'reference',
              available: true,
              description: `${config.num_processing_workers} threads`,
              software: false,
              limits: { maxBytes: 4096 },
              kernels: { right: ['decode', 'warp'], missing: [] },
              adapters: [
                { name: 'a', description: 'A1', backend: 'vulkan', hardware: true, maxBufferBytes: 2 ** 30 },
              ],
              speed: { samplesPerSecond: 12_340_000, sidePx: 512, frames: 8, seconds: 1 },
            },
          ];
          return Promise.resolve(backends);
        },
      },
    };
    const { out } = await runMain(['backends', '--threads', '3'], options);
    expect(out.trimEnd().split('\n')).toEqual([
      'webgpu: not available',
      '  Saved: /x',
      'reference: ready, 3 threads',
      '  adapter A1 (vulkan, hardware), largest buffer 1 GiB',
      '  known answer: 2 kernels right; missing: none',
      '  speed: 12.3 million raw samples a second, from decoding to the winsorised stack (8 frames, cell of 512 px)',
      '  maxBytes = 4,096',
    ]);
    await runMain(['backends', '--no-speed', '--json'], options);
    expect(asked).toEqual([true, false]);
  });

  it('clean names what went and what did not, and fails when something could not go', async () => {
    const calls: unknown[] = [];
    const clean = (failed: boolean) => (path: string, options: { readonly dryRun: boolean }) => {
      calls.push([path, options.dryRun]);
      return Promise.resolve({
        dryRun: options.dryRun,
        removed: [{ path: '/o/m.dat', bytes: 1024, meaning: note }],
        kept: [],
        refused: [{ path: '/o/link.dat', reason: note }],
        failed: failed ? [{ path: '/o/n.dat', reason: note }] : [],
      });
    };
    const dry = await runMain(['clean', '/o', '--dry-run'], { services: { cleanDir: clean(false) } });
    expect([dry.code, dry.out]).toEqual([
      0,
      'Would be removed: /o/m.dat (1 KiB): Saved: /x\nLeft alone: /o/link.dat: Saved: /x\n1 item, 1 KiB, would be removed.\n',
    ]);
    const real = await runMain(['clean', '/o'], { services: { cleanDir: clean(true) } });
    expect(real.code).toBe(6);
    expect(real.out).toContain('Could not be removed: /o/n.dat: Saved: /x\n1 item, 1 KiB, was removed.\n');
    expect(calls).toEqual([
      ['/o', true],
      ['/o', false],
    ]);
  });
});

describe('config', () => {
  const at = () => ({ homeDir: dir });
  const stored = () => readFile(join(dir, '.config/zemosaic/zemosaic_config.json'), 'utf8');

  it('show names the origin of each value', async () => {
    const shown = await runMain(
      ['config', 'show', 'backend', 'memory_budget_mb', 'global_wcs_res_override', '--backend', 'wasm'],
      {
        ...at(),
        env: { ZEMOSAIC_MEMORY_BUDGET_MB: '512' },
      },
    );
    expect(shown.out).toBe(
      'backend = wasm  (from the command line)\nmemory_budget_mb = 512  (from the environment)\nglobal_wcs_res_override = auto  (default)\n',
    );
    expect(shown.err).toContain('(not there yet)');
  });

  it('set saves, keeps the rest and writes the switch', async () => {
    expect(
      (await runMain(['config', 'set', 'backend=reference', 'global_wcs_res_override=400x300'], at())).code,
    ).toBe(0);
    expect((await runMain(['config', 'set', 'cleanup_temp_artifacts=no', 'language=pl'], at())).code).toBe(0);
    expect(JSON.parse(await stored())).toEqual({
      config_version: 1,
      backend: 'reference',
      language: 'pl',
      cleanup_temp_artifacts: false,
      global_wcs_res_override: [400, 300],
    });
    expect((await runMain(['config', 'show', 'backend'], at())).out).toBe('backend = reference  (z pliku)\n');
  });

  it('set refuses what is wrong and saves nothing', async () => {
    for (const pairs of [['backend=cuda'], ['bakend=wasm'], ['backend']])
      expect((await runMain(['config', 'set', ...pairs], at())).code).toBe(2);
    await expect(stored()).rejects.toThrow('ENOENT');
    expect((await runMain(['config', 'set', 'bakend=wasm'], at())).err).toContain('Did you mean backend?');
  });

  it('import takes over a file of the Python program', async () => {
    const source = join(dir, 'py.json');
    const python = '{"output_folder": "/o", "solver_method": "ASTAP", "astap_max_instances": 4, "foo": 1}';
    await writeFile(source, python);
    const { code, err } = await runMain(['config', 'import', source], at());
    expect(code).toBe(0);
    expect(err).toContain('no effect in this version and is kept: astap_max_instances');
    expect(err).toContain('is unknown here and is kept as it is: foo');
    expect(err).toContain('2 keys are in effect, 2 others are kept without effect.');
    expect(JSON.parse(await stored())).toMatchObject({
      output_dir: '/o',
      solver_method: 'ASTAP',
      astap_max_instances: 4,
      foo: 1,
    });
    expect(await readFile(source, 'utf8')).toBe(python);
  });

  it('schema is JSON with the help texts in the language', async () => {
    const { out } = await runMain(['config', 'schema', '--lang', 'fr']);
    const { properties } = JSON.parse(out) as { properties: Record<string, Record<string, unknown>> };
    expect(properties.cleanup_temp_artifacts).toMatchObject({
      type: 'boolean',
      default: true,
      description: 'Supprimer les fichiers temporaires de traitement après l’exécution',
    });
  });
});

describe('demo', () => {
  it('makes the session in the folder named, or in demo-session, and says how many files it holds', async () => {
    const dirs: string[] = [];
    const makeDemo = (dir: string) => {
      dirs.push(dir);
      return Promise.resolve({ dir: `/w/${dir}`, files: 14 });
    };
    const named = await runMain(['demo', 'night'], { services: { makeDemo } });
    const unnamed = await runMain(['demo', '--json'], { services: { makeDemo } });
    expect(dirs).toEqual(['night', 'demo-session']);
    expect(named.out).toContain('14 files in /w/night');
    expect(JSON.parse(unnamed.out)).toEqual({ type: 'demo', dir: '/w/demo-session', files: 14 });
  });
});

describe('solve', () => {
  const solved: SolvedFile = {
    file: 'a.fits',
    solved: true,
    center: [315.44, 68.12],
    corners: [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ],
    cd: [1e-3, 0, 0, 1e-3],
    sip: null,
    scale_arcsec: 2.375,
    parity: 1,
    matched: 45,
    rms_px: 0.13,
    ms: 71,
  };
  const unsolved: SolvedFile = {
    file: 'b.fits',
    solved: false,
    ms: 5,
    reason: { code: 'solve_reject_few_stars', params: { count: 4, min: 6 } },
  };
  const solving = (outcomes: readonly SolvedFile[], seen: unknown[] = []) => ({
    services: {
      solveFiles: (files: readonly string[], options: object, report: (o: SolvedFile) => void) => {
        seen.push(files, options);
        outcomes.forEach(report);
        return Promise.resolve();
      },
    },
  });

  it('hands over the files and the folder for headers, and prints a line for each file', async () => {
    const seen: unknown[] = [];
    const { code, out } = await runMain(
      ['solve', 'a.fits', '2024.fits', '--wcs-out', dir],
      solving([solved], seen),
    );
    expect(code).toBe(0);
    expect(seen[0]).toEqual(['a.fits', '2024.fits']);
    expect(seen[1]).toMatchObject({ wcsOut: dir });
    expect(out).toMatch(/^a\.fits: RA 315\.44.*45 stars/);
    const foreign = await runMain(['solve', 'a.fits'], solving([{ ...solved, by: 'ASTAP' }]));
    expect(foreign.out).toMatch(/71 ms \(ASTAP\)$/m);
    expect(out).toMatch(/71 ms$/m);
  });

  it('a file that is not solved is told with its reason and makes the exit code 1', async () => {
    const { code, out } = await runMain(['solve', 'a.fits', 'b.fits'], solving([solved, unsolved]));
    expect(code).toBe(1);
    expect(out).toContain('b.fits: not solved: only 4 stars were found');
  });

  it('prints JSON, one object a file', async () => {
    const { out } = await runMain(['solve', 'a.fits', 'b.fits', '--json'], solving([solved, unsolved]));
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(2);
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toEqual({ ...solved, reason: null });
    expect(Object.keys(first)).toEqual(
      'file solved center corners cd sip scale_arcsec parity matched rms_px ms reason'.split(' '),
    );
    expect(Object.keys(second)).toEqual(Object.keys(first));
    const text = expect.stringContaining('4 stars') as string;
    expect(second).toMatchObject({ file: 'b.fits', solved: false, center: null, cd: null, ms: 5 });
    expect(second.reason).toMatchObject({ code: 'solve_reject_few_stars', params: { count: 4 }, text });
  });

  it('hands over where pictures go and what they show', async () => {
    const seen: unknown[] = [];
    await runMain(['solve', 'a.fits', '--picture', dir, '--overlay'], solving([solved], seen));
    expect(seen[1]).toMatchObject({ picture: { folder: dir, overlay: true } });
  });

  it('wants a file, and a folder for what it is to draw', async () => {
    expect((await runMain(['solve'])).code).toBe(2);
    expect((await runMain(['solve', 'a.fits', '--wcs-out'])).code).toBe(2);
    const { code, err } = await runMain(['solve', 'a.fits', '--overlay']);
    expect(code).toBe(2);
    expect(err).toContain('--overlay has an effect only together with --picture');
  });
});
