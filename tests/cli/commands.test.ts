// The commands that tell about files, this machine and the configuration, and that clean up.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BackendSummary } from '../../src/report/summaries.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { type FakeOptions, runMain } from './fake-host.js';

const folder = temporaryFolder();

const note = { code: 'cli_config_saved', params: { path: '/x' } };

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
      '  adapter 0: A1 (vulkan, hardware), largest buffer 1 GiB',
      '  known answer: 2 kernels right; missing: none',
      '  speed: 12.3 million raw samples a second, from decoding to the sigma-clipped stack (8 frames, cell of 512 px)',
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
  const at = () => ({ homeDir: folder() });
  const stored = () => readFile(join(folder(), '.config/zemosaic/zemosaic_config.json'), 'utf8');

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
    const source = join(folder(), 'py.json');
    const python = '{"output_folder": "/o", "solver_method": "ASTAP", "gpu_selector": "0", "foo": 1}';
    await writeFile(source, python);
    const { code, err } = await runMain(['config', 'import', source], at());
    expect(code).toBe(0);
    expect(err).toContain('is unknown here and is kept as it is: foo');
    expect(err).toContain('3 keys are in effect, 1 other is kept without effect.');
    expect(JSON.parse(await stored())).toMatchObject({
      output_dir: '/o',
      solver_method: 'ASTAP',
      gpu_selector: '0',
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
