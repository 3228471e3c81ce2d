// The command `run`: what it hands over, prints and leaves behind, and how it is stopped.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.js';
import { configDigest } from '../../src/config/digest.js';
import type { RunConfig } from '../../src/config/table.js';
import type { RunReport } from '../../src/report/run-report.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { runMain } from './fake-host.js';

const folder = temporaryFolder();

const note = { code: 'cli_config_saved', params: { path: '/x' } };

function reportOf(config: RunConfig): RunReport {
  return {
    report_version: 2,
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
      { kind: 'preview', path: '/out/z_preview.png', bytes: 1 },
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
        join(folder(), 'in'),
        '-o',
        join(folder(), 'out'),
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
        input_dir: join(folder(), 'in'),
        output_dir: join(folder(), 'out'),
        cleanup_temp_artifacts: false,
        stacking_kappa_low: 2,
        stacking_kappa_high: 4,
        num_processing_workers: 2,
      },
    ]);
    expect([code, out]).toEqual([0, '/out/z_science.fits\n/out/z_preview.png\n']);
    expect(err).toBe('Scan (3 files)\nWarning: Saved: /x\n');
    expect(await readdir(join(folder(), 'out'))).toEqual(['zemosaic.log']);
  });

  it('--profile tells beside the result where the time went', async () => {
    const { err } = await runMain(['run', 'in', '-o', join(folder(), 'out'), '--profile'], {
      services: {
        runMosaic: (config) =>
          Promise.resolve({
            ...reportOf(config),
            device_time: { kernel_ms: 750, assembly_ms: 1000, busy_share: 0.75 },
            stages: [
              {
                stage: 'warp',
                backend: 'wasm',
                wall_ms: 500,
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
    const { out, err } = await runMain(['run', 'in', '-o', join(folder(), 'out'), '--json'], {
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
      ['run', 'in', '-o', join(folder(), 'out'), '--no-coadd-use-memmap', '--coadd-memmap-dir', '/m'],
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
    const log = await readFile(join(folder(), 'out', 'zemosaic.log'), 'utf8');
    expect(
      log
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['ZeMosaic 1: in → out', expect.stringMatching(/^Note: --coadd-memmap-dir/) as string]);
  });

  it('of many files that are refused the screen names some, the log and --json all', async () => {
    const name = (n: number) => `/in/${n}.fits`;
    const refusing = async (...more: string[]) => {
      const { out, err } = await runMain(['run', 'in', '-o', join(folder(), 'out'), ...more], {
        services: {
          runMosaic: (config, sink) => {
            for (let n = 0; n < 30; n++) sink.emit({ type: 'frame-rejected', path: name(n), reason: note });
            return Promise.resolve(reportOf(config));
          },
        },
      });
      return { out, err, log: await readFile(join(folder(), 'out', 'zemosaic.log'), 'utf8') };
    };
    const { err, log } = await refusing();
    expect(err).toContain(name(19));
    expect(err).not.toContain(name(20));
    expect(err).toContain('10 more files');
    expect(log).toContain(name(29));
    expect(log).not.toContain('more files');
    const { out } = await refusing('--json');
    expect(out).toContain(name(29));
    expect(out).not.toContain('report_more_refused');
  });

  it('an error is told, logged, and gets the code that the services give it', async () => {
    const { code, err, listening } = await runMain(['run', 'in', '-o', join(folder(), 'out')], {
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
    expect(await readFile(join(folder(), 'out', 'zemosaic.log'), 'utf8')).toContain('a and b contradict');
  });

  it('a full disk gets the code of resources, whatever it has kept from being written', async () => {
    const full = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' });
    const cause = new CodedError('fits_cannot_write', { file: '/a', reason: 'ENOSPC' }, { cause: full });
    for (const error of [
      full,
      new CodedError('output_write_failed', { path: '/b', reason: 'x' }, { cause }),
    ]) {
      const { code } = await runMain(['run', 'in', '-o', join(folder(), 'out')], {
        services: { runMosaic: () => Promise.reject(error) },
      });
      expect(code).toBe(4);
    }
  });

  it('a run that is refused before its first event leaves no folder behind', async () => {
    const { code } = await runMain(['run', 'in', '-o', join(folder(), 'out')], {
      services: { runMosaic: () => Promise.reject(new Error('boom')) },
    });
    expect(code).toBe(1);
    expect(await readdir(folder())).toEqual([]);
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
        ['run', 'in', '-o', join(folder(), 'out')],
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

  it('only a third Ctrl-C ends at once', async () => {
    const exitsSoFar: number[] = [];
    const { exits, err } = await runMain(['run', 'in', '-o', join(folder(), 'out')], (send, ended) => ({
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
    const { code } = await runMain(['run', 'in', '-o', join(folder(), 'out')], (send) => ({
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
