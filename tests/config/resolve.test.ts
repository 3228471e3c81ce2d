import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configDigest } from '../../src/config/digest.js';
import { ConfigInvalidError, type ConfigIssue } from '../../src/config/errors.js';
import { COVERED } from '../../src/config/covered.js';
import { resolveConfig, type ConfigLayers } from '../../src/config/resolve.js';
import { CONFIG_ROWS, envName, findRow } from '../../src/config/table.js';
import { valueFromText, valueToText } from '../../src/config/values.js';

const fileOf = (values: Record<string, unknown>): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(values));

function issuesOf(layers: ConfigLayers): readonly ConfigIssue[] {
  try {
    resolveConfig(layers);
  } catch (error) {
    if (error instanceof ConfigInvalidError) return error.details;
    throw error;
  }
  return [];
}

describe('layers', () => {
  it('without any layer every key has its default', () => {
    const { config, provenance, notices } = resolveConfig({});
    for (const row of CONFIG_ROWS) {
      expect(config[row.key]).toEqual(row.default);
      expect(provenance[row.key]).toBe('default');
    }
    expect(notices).toEqual([]);
  });

  it('the command line is stronger than the environment, that than the file, that than the default', () => {
    const file = fileOf({ memory_budget_mb: 200, cell_size_px: 128, stacking_kappa_low: 2 });
    const env = { ZEMOSAIC_MEMORY_BUDGET_MB: '300', ZEMOSAIC_CELL_SIZE_PX: '256' };
    const { config, provenance } = resolveConfig({ file, env, argv: { memory_budget_mb: '400' } });
    expect([config.memory_budget_mb, provenance.memory_budget_mb]).toEqual([400, 'argv']);
    expect([config.cell_size_px, provenance.cell_size_px]).toEqual([256, 'env']);
    expect([config.stacking_kappa_low, provenance.stacking_kappa_low]).toEqual([2, 'file']);
    expect([config.stacking_kappa_high, provenance.stacking_kappa_high]).toEqual([3, 'default']);
  });

  it('a file without the teardown switch, or with null, means true', () => {
    expect(resolveConfig({ file: fileOf({}) }).config.cleanup_temp_artifacts).toBe(true);
    expect(
      resolveConfig({ file: fileOf({ cleanup_temp_artifacts: null }) }).config.cleanup_temp_artifacts,
    ).toBe(true);
    expect(
      resolveConfig({ file: fileOf({ cleanup_temp_artifacts: false }) }).config.cleanup_temp_artifacts,
    ).toBe(false);
  });

  it('an empty environment variable is not set', () => {
    expect(resolveConfig({ env: { ZEMOSAIC_BACKEND: '' } }).provenance.backend).toBe('default');
  });

  it('is frozen to the bottom', () => {
    const { config } = resolveConfig({ argv: { global_wcs_res_override: '40x30' } });
    expect(() => Object.assign(config, { backend: 'wasm' })).toThrow(TypeError);
    expect(() => Object.assign(config.global_wcs_res_override ?? [], [1])).toThrow(TypeError);
    expect(config.global_wcs_res_override).toEqual([40, 30]);
  });

  it('every default survives being written as text and read again', () => {
    for (const row of CONFIG_ROWS)
      expect(valueFromText(row, valueToText(row.default, row.kind)), row.key).toEqual(row.default);
  });

  it('environment names are unique and made of capitals', () => {
    const names = CONFIG_ROWS.map((row) => envName(row.key));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^ZEMOSAIC_[A-Z0-9_]+$/.test(name))).toEqual([]);
  });

  it('no option name or alias is used twice', () => {
    const names = CONFIG_ROWS.flatMap((row) => [row.option, ...row.aliases, row.inverse ?? []].flat());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('values of the reference program', () => {
  it('reads its texts for sizes and levels', () => {
    const file = fileOf({
      global_wcs_res_override: '4000X3000',
      logging_level: 'WARN',
      input_folder: '/in',
    });
    const { config } = resolveConfig({ file });
    expect(config.global_wcs_res_override).toEqual([4000, 3000]);
    expect(config.log_level).toBe('warn');
    expect(config.input_dir).toBe('/in');
  });

  it('its own spelling wins over the foreign one', () => {
    expect(resolveConfig({ file: fileOf({ input_folder: '/a', input_dir: '/b' }) }).config.input_dir).toBe(
      '/b',
    );
  });

  it('the default of the reference program in a file is what it says', () => {
    const { config, notices } = resolveConfig({ file: fileOf({ stacking_normalize_method: 'linear_fit' }) });
    expect(config.stacking_normalize_method).toBe('linear_fit');
    const params = { name: 'stacking_normalize_method' };
    expect(notices).toEqual([{ code: 'config_notice_linear_fit', params }]);
  });

  it('two-pass renormalisation is off unless a configuration says true, and then it is honoured', () => {
    const { config, notices } = resolveConfig({ file: fileOf({ two_pass_coverage_renorm: true }) });
    expect(resolveConfig({}).config.two_pass_coverage_renorm).toBe(false);
    expect(config.two_pass_coverage_renorm).toBe(true);
    expect(notices).toEqual([]);
  });

  it('a number that the program chooses can be set and unset', () => {
    const file = fileOf({ preview_png_asinh_a: 12 });
    expect(resolveConfig({}).config.preview_png_asinh_a).toBeNull();
    expect(resolveConfig({ file }).config.preview_png_asinh_a).toBe(12);
    const unset = resolveConfig({ file, argv: { preview_png_asinh_a: 'auto' } });
    expect([unset.config.preview_png_asinh_a, unset.provenance.preview_png_asinh_a]).toEqual([null, 'argv']);
  });

  it('limits are a list in a file and a pair in texts, the lower first', () => {
    const limits = (layers: Parameters<typeof resolveConfig>[0]) =>
      resolveConfig(layers).config.two_pass_cov_gain_clip;
    expect(limits({})).toEqual([0.85, 1.18]);
    expect(limits({ file: fileOf({ two_pass_cov_gain_clip: [0.9, 1.1] }) })).toEqual([0.9, 1.1]);
    expect(limits({ argv: { two_pass_cov_gain_clip: '0.7, 1.5' } })).toEqual([0.7, 1.5]);
    for (const [value, code] of [
      ['1.2,0.8', 'config_rule_limits'],
      ['0,1', 'config_rule_above'],
      ['1', 'config_rule_type'],
    ]) {
      const refused = () => limits({ argv: { two_pass_cov_gain_clip: value } });
      expect(refused).toThrow(expect.objectContaining({ details: [expect.objectContaining({ code })] }));
    }
  });

  it('names unknown keys, all at once', () => {
    const { notices } = resolveConfig({ file: fileOf({ foo: 1, bar: [] }) });
    expect(notices.map(({ code, params }) => [code, params.keys])).toEqual([
      ['config_notice_unknown_keys', 'foo, bar'],
    ]);
  });

  it('says what decides instead of a key that something else covers, once for what belongs together', () => {
    const file = fileOf({ intertile_prune_k: 8, wsc_impl: 'legacy', intertile_gain_clip: [0.9, 1.1] });
    expect(resolveConfig({ file }).notices.map(({ code, params }) => [code, params.keys, params.by])).toEqual(
      [
        [
          'config_notice_covered_keys',
          'intertile_prune_k, intertile_gain_clip',
          'stacking_normalize_method, level_match_order',
        ],
        [
          'config_notice_covered_keys',
          'wsc_impl',
          'stacking_rejection_algorithm, stacking_kappa_low, stacking_kappa_high',
        ],
      ],
    );
  });

  it('a key is a row or covered, not both; what covers is a row', () => {
    for (const { keys, by } of COVERED) {
      for (const key of keys) {
        expect([key, findRow(key)]).toEqual([key, undefined]);
      }
      for (const key of by) expect(findRow(key)?.key).toBe(key);
    }
    const all = COVERED.flatMap(({ keys }) => keys);
    expect(new Set(all).size).toBe(all.length);
  });

  it('names a mistyped environment variable with the near one', () => {
    const { notices } = resolveConfig({ env: { ZEMOSAIC_STACKING_KAPA_LOW: '2', PATH: '/bin' } });
    expect(notices).toEqual([
      {
        code: 'config_notice_unknown_env',
        params: { name: 'ZEMOSAIC_STACKING_KAPA_LOW', suggestion: 'ZEMOSAIC_STACKING_KAPPA_LOW' },
      },
    ]);
  });
});

describe('wrong values', () => {
  it('are all reported at once, each under the name it was given by', () => {
    const issues = issuesOf({
      file: fileOf({ save_png16: 'yes', preview_png_max_dim: 10 }),
      env: { ZEMOSAIC_BACKEND: 'cuda' },
      argv: { stacking_kappa_low: '-3', output_name: '../x' },
    });
    expect(issues.map(({ code, params }) => [params.name, code, params.value])).toEqual([
      ['--output-name', 'config_rule_text_name', '"../x"'],
      ['ZEMOSAIC_BACKEND', 'config_rule_choice', '"cuda"'],
      ['--kappa-low', 'config_rule_above', '-3'],
      ['save_png16', 'config_rule_type', '"yes"'],
      ['preview_png_max_dim', 'config_rule_minimum', '10'],
    ]);
  });

  it.each([
    ['memory_budget_mb', 'abc', 'config_rule_type'],
    ['memory_budget_mb', '12.5', 'config_rule_type'],
    ['memory_budget_mb', '1', 'config_rule_minimum'],
    ['num_processing_workers', '4096', 'config_rule_maximum'],
    ['level_match_order', '3', 'config_rule_maximum'],
    ['stacking_kappa_high', '0', 'config_rule_above'],
    ['stacking_kappa_high', 'Infinity', 'config_rule_type'],
    ['stacking_kappa_high', '1e999', 'config_rule_type'],
    ['global_wcs_res_override', '0x5', 'config_rule_minimum'],
    ['global_wcs_res_override', '1.5x5', 'config_rule_type'],
    ['cleanup_temp_artifacts', 'maybe', 'config_rule_type'],
    ['output_name', '', 'config_rule_text_name'],
    ['output_name', '.hidden', 'config_rule_text_name'],
    ['output_name', 'a:b', 'config_rule_text_name'],
    ['output_name', 'x'.repeat(101), 'config_rule_length'],
    ['coadd_memmap_dir', 'a\0b', 'config_rule_text_path'],
    ['keep_debug_cells', 'none', 'config_rule_text_cells'],
    ['keep_debug_cells', '0,7', 'config_rule_debug_cells'],
    ['cell_size_px', '10', 'config_rule_cell_size'],
  ] as const)('%s=%s breaks %s', (key, text, code) => {
    expect(issuesOf({ argv: { [key]: text } }).map((issue) => [issue.key, issue.code])).toEqual([
      [key, code],
    ]);
  });

  it('a value of any length is shown in part', () => {
    const [issue] = issuesOf({ argv: { backend: 'x'.repeat(5000) } });
    expect(issue.params.value).toHaveLength(201);
  });

  it('an object where a text belongs is named, also one without a text of its own', () => {
    expect(issuesOf({ file: fileOf({ resume: { toString: null } }) })).toMatchObject([
      { code: 'config_rule_type', params: { value: '{"toString":null}' } },
    ]);
  });

  it('a demanded GPU contradicts a backend without one', () => {
    expect(issuesOf({ argv: { require_gpu: true, backend: 'reference' } })).toMatchObject([
      { code: 'config_rule_gpu_backend', params: { other: '--backend', value: 'reference' } },
    ]);
    for (const backend of ['auto', 'webgpu'])
      expect(issuesOf({ argv: { require_gpu: true, backend } })).toEqual([]);
  });

  it('a demanded GPU contradicts that none is to be used; one asked for by name is used all the same, and a note says so', () => {
    const off = fileOf({ use_gpu_phase5: false });
    expect(issuesOf({ file: off, argv: { require_gpu: true } })).toMatchObject([
      { code: 'config_rule_gpu_off', params: { name: '--require-gpu', other: 'use_gpu_phase5' } },
    ]);
    expect(resolveConfig({ file: off }).notices).toEqual([]);
    expect(resolveConfig({ file: off, argv: { backend: 'webgpu' } }).notices).toMatchObject([
      { code: 'config_notice_without_effect', params: { other: '--backend', value: 'webgpu' } },
    ]);
  });

  it.each([
    ['global_wcs_res_override', '40x30'],
    ['stacking_final_combine_method', 'median'],
  ] as const)('what is added to has no %s', (other, value) => {
    expect(issuesOf({ argv: { incremental: true, [other]: value } })).toMatchObject([
      { code: 'config_rule_incremental', params: { other: expect.stringContaining('--') as string, value } },
    ]);
  });

  it('figures of a background are told to have no effect beside a named strength, unless they are what they are anyway', () => {
    const given = { final_mosaic_dbe_smoothing: 0.3, final_mosaic_dbe_sample_step: 24 };
    expect(resolveConfig({ file: fileOf(given) }).notices).toMatchObject([
      {
        code: 'config_notice_without_effect',
        params: { name: 'final_mosaic_dbe_smoothing', value: 'normal' },
      },
    ]);
    const custom = { ...given, final_mosaic_dbe_strength: 'custom' };
    expect(resolveConfig({ file: fileOf(custom) }).notices).toEqual([]);
  });

  it('debug cells are fine when temporary files stay', () => {
    expect(issuesOf({ argv: { keep_debug_cells: 'all', cleanup_temp_artifacts: false } })).toEqual([]);
  });

  it('whatever a file says, the outcome is a configuration or a list of issues', () => {
    const keys = fc.constantFrom(
      ...CONFIG_ROWS.map((row) => row.key as string),
      '__proto__',
      'constructor',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.jsonValue())), (entries) => {
        try {
          resolveConfig({ file: new Map(entries) });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigInvalidError);
          expect((error as ConfigInvalidError).details.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('notices about values without effect', () => {
  const median = { stacking_final_combine_method: 'median' };
  const radial = { apply_radial_weight: true };
  const even = { two_pass_residuals: 'auto' };
  const tiles = { use_existing_master_tiles: true };
  it.each<[string, Record<string, unknown>, [string, string][]]>([
    ['a median', median, []],
    ['falling weights', radial, []],
    ['a second pass', even, []],
    ['finished tiles', tiles, []],
    ['a median of falling weights', { ...median, ...radial }, [['apply', 'stacking']]],
    ['falling weights of finished tiles', { ...tiles, ...radial }, [['apply', 'use']]],
    ['a second pass of a median', { ...median, ...even }, [['two', 'stacking']]],
    ['a second pass of falling weights', { ...radial, ...even }, [['two', 'apply']]],
    ['a second pass of finished tiles', { ...tiles, ...even }, [['two', 'use']]],
    ['a scale of drops without drops', { drizzle_scale: 3 }, [['drizzle', 'drizzle']]],
    ['a scale of drops', { drizzle_scale: 3, drizzle: true }, []],
  ])('%s', (_, file, expected) => {
    const { notices } = resolveConfig({ file: fileOf(file) });
    expect(notices.every(({ code }) => code === 'config_notice_without_effect')).toBe(true);
    const firstWord = (name: unknown) => String(name).replace(/^-+/, '').split(/[-_]/)[0];
    expect(notices.map(({ params }) => [params.name, params.other].map(firstWord))).toEqual(expected);
  });

  it('memmap keys while memmaps are off, only when given', () => {
    const off = { coadd_use_memmap: false };
    expect(resolveConfig({ argv: off }).notices).toEqual([]);
    expect(resolveConfig({ argv: { ...off, coadd_memmap_dir: '/m' } }).notices).toEqual([
      { code: 'config_notice_memmap_off', params: { name: '--coadd-memmap-dir' } },
    ]);
  });
});

describe('digest', () => {
  it('is the same for the same values whatever layer they came from, and differs with any value', () => {
    const typed = resolveConfig({ argv: { stacking_kappa_low: '2' } }).config;
    const stored = resolveConfig({ file: fileOf({ stacking_kappa_low: 2 }) }).config;
    expect(configDigest(typed)).toBe(configDigest(stored));
    expect(configDigest(typed)).toMatch(/^[0-9a-f]{64}$/);
    expect(configDigest(typed)).not.toBe(configDigest(resolveConfig({}).config));
  });
});

describe('every key', () => {
  it('is read by the program beyond its own row', () => {
    const root = fileURLToPath(new URL('../../src/', import.meta.url));
    const sources = (readdirSync(root, { recursive: true }) as string[])
      .filter((path) => path.endsWith('.ts') && !/^config[/\\](rows|covered|rules|validate)/.test(path))
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .join('\n');
    const unread = CONFIG_ROWS.filter(({ key }) => !new RegExp(`\\b${key}\\b`).test(sources));
    expect(unread.map(({ key }) => key)).toEqual([]);
  });
});
