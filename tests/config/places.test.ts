import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { configurationDoc, currentConfigurationDoc } from '../../scripts/gen-docs.js';
import { runDirectories } from '../../src/config/directories.js';
import { userConfigFile } from '../../src/config/location.js';
import { nearest } from '../../src/config/nearest.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { configSchema } from '../../src/config/schema.js';

describe('the place of the configuration file', () => {
  it.each([
    ['linux', {}, '/home/u/.config/zemosaic/zemosaic_config.json'],
    ['linux', { XDG_CONFIG_HOME: '/x' }, '/x/zemosaic/zemosaic_config.json'],
    ['linux', { XDG_CONFIG_HOME: 'relative' }, '/home/u/.config/zemosaic/zemosaic_config.json'],
    ['darwin', {}, '/home/u/Library/Application Support/zemosaic/zemosaic_config.json'],
    ['win32', { APPDATA: 'C:\\A' }, 'C:\\A\\zemosaic\\zemosaic_config.json'],
  ] as const)('%s %j', (platform, env, path) => {
    expect(userConfigFile({ platform, env, homeDir: '/home/u' })).toBe(path);
  });
});

describe('the folders of a run', () => {
  const bases = { cwd: '/there', homeDir: '/home/u', tempDir: '/tmp' };

  it('what is left open is decided here', () => {
    const { config } = resolveConfig({ argv: { input_dir: 'in', output_dir: '~/out' } });
    expect(runDirectories(config, bases)).toEqual({
      inputDir: '/there/in',
      outputDir: '/home/u/out',
      memmapDir: undefined,
      runtimeTempDir: '/tmp/zemosaic_runtime',
      imageCacheDir: '/home/u/out/.zemosaic_img_cache',
      masterTileDir: '/home/u/out/zemosaic_temp_master_tiles',
      sdsTileDir: '/home/u/out/sds_tiles',
      globalWcsPath: '/home/u/out/global_mosaic_wcs.fits',
      calibration: { bias: undefined, dark: undefined, dark_flat: undefined, flat: undefined },
    });
  });

  it('what is named is obeyed', () => {
    const { config } = resolveConfig({
      argv: {
        output_dir: '/o',
        coadd_memmap_dir: 'mm',
        runtime_temp_dir: '/rt',
        global_wcs_output_path: '/elsewhere/plan.fits',
      },
    });
    expect(runDirectories(config, bases)).toMatchObject({
      memmapDir: '/there/mm',
      runtimeTempDir: '/rt',
      globalWcsPath: '/elsewhere/plan.fits',
    });
  });
});

describe('near names', () => {
  const names = ['kappa-low', 'kappa-high', 'threads', 'o'];
  it.each([
    ['kapa-low', 'kappa-low'],
    ['kappa-hihg', 'kappa-high'],
    ['tread', 'threads'],
    ['THREADS', 'threads'],
    ['something', undefined],
  ])('%s means %s', (name, meant) => {
    expect(nearest(name, names)).toBe(meant);
  });
});

describe('generated things', () => {
  it('docs/configuration.md is what the table says (npm run docs)', () => {
    expect(currentConfigurationDoc()).toBe(configurationDoc());
  });

  it('the schema is one: the program does not ask again', () => {
    const ajv = new Ajv2020({ allowUnionTypes: true });
    const schema = configSchema() as { properties: Record<string, object> };
    const words = Object.values(schema.properties).flatMap(Object.keys);
    ajv.addVocabulary([...new Set(words)].filter((word) => word.startsWith('x-')));
    expect(ajv.validateSchema(schema)).toBe(true);
    ajv.compile(schema);
  });

  it('the schema has a default for every key', () => {
    const { properties } = configSchema() as { properties: Record<string, { default?: unknown }> };
    const without = Object.entries(properties).filter(([, schema]) => schema.default === undefined);
    expect(without.map(([key]) => key)).toEqual(['config_version']);
  });
});
