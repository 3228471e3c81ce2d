import { mkdtemp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFileError } from '../../src/config/errors.js';
import { formatConfigFile, parseConfigFile, readConfigFile, saveConfigFile } from '../../src/config/file.js';
import { importConfig } from '../../src/config/import.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zemosaic-config-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function refusal(content: Uint8Array): { code: string; params: Record<string, unknown> } {
  try {
    parseConfigFile(content, 'c.json');
  } catch (error) {
    if (error instanceof ConfigFileError) return { code: error.code, params: error.params };
    throw error;
  }
  throw new Error('accepted');
}

describe('reading', () => {
  it('keeps every key and the order of the file', () => {
    const content = parseConfigFile(bytes('{"b": 1, "__proto__": {"x": 2}, "a": [null]}'), 'c.json');
    expect([...content]).toEqual([
      ['b', 1],
      ['__proto__', { x: 2 }],
      ['a', [null]],
    ]);
  });

  it('accepts the byte order mark of Windows editors', () => {
    expect(parseConfigFile(bytes('\ufeff{"a": 1}'), 'c.json').get('a')).toBe(1);
  });

  it.each([
    ['malformed JSON', bytes('{\n  "a": 1,\n}'), 'config_file_json', { line: 3, column: 1 }],
    ['an empty file', bytes(''), 'config_file_json', { line: 1 }],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 'config_file_encoding', {}],
    ['an array', bytes('[1]'), 'config_file_not_object', { type: 'array' }],
    ['null', bytes('null'), 'config_file_not_object', { type: 'null' }],
    ['a text', bytes('"x"'), 'config_file_not_object', { type: 'string' }],
    ['a newer version', bytes('{"config_version": 2}'), 'config_file_version', { value: '2', limit: '1' }],
    ['an odd version', bytes('{"config_version": "one"}'), 'config_file_version', { value: '"one"' }],
  ])('%s is refused by name', (_name, content, code, params) => {
    expect(refusal(content)).toMatchObject({ code, params: { path: 'c.json', ...params } });
  });

  it('a missing file is nothing, or an error when it was asked for', async () => {
    const path = join(dir, 'none.json');
    await expect(readConfigFile(path, false)).resolves.toBeUndefined();
    await expect(readConfigFile(path, true)).rejects.toMatchObject({
      code: 'config_file_unreadable',
      params: { path, reason: 'ENOENT' },
    });
    await expect(readConfigFile(dir, false)).rejects.toMatchObject({ params: { reason: 'EISDIR' } });
  });
});

describe('saving', () => {
  it('writes the switch always, our keys in the order of the table, foreign ones verbatim', () => {
    const text = formatConfigFile(
      new Map<string, unknown>([
        ['zz', { a: [1] }],
        ['backend', 'wasm'],
      ]),
    );
    expect(Object.entries(JSON.parse(text) as object)).toEqual([
      ['config_version', 1],
      ['backend', 'wasm'],
      ['cleanup_temp_artifacts', true],
      ['zz', { a: [1] }],
    ]);
  });

  it('makes the folder, gives the user alone access, and leaves no temporary file', async () => {
    const path = join(dir, 'deep', 'er', 'c.json');
    await saveConfigFile(path, new Map([['backend', 'wasm']]));
    expect((await readConfigFile(path, true))?.get('backend')).toBe('wasm');
    expect(await readdir(join(dir, 'deep', 'er'))).toEqual(['c.json']);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('writes through a symbolic link and keeps the link', async () => {
    const real = join(dir, 'real.json');
    const link = join(dir, 'link.json');
    await writeFile(real, '{}');
    await symlink(real, link);
    await saveConfigFile(link, new Map([['backend', 'gpujs']]));
    expect(JSON.parse(await readFile(real, 'utf8'))).toMatchObject({ backend: 'gpujs' });
    expect((await readdir(dir)).sort()).toEqual(['link.json', 'real.json']);
  });

  it('says why it cannot, and leaves what was there', async () => {
    const path = join(dir, 'c.json');
    await mkdir(path);
    await expect(saveConfigFile(path, new Map())).rejects.toMatchObject({ code: 'config_file_unwritable' });
    // where the system takes no new folder it ends at once
    await expect(saveConfigFile('/proc/none/below/x.json', new Map())).rejects.toMatchObject({
      code: 'config_file_unwritable',
    });
    expect(await readdir(dir)).toEqual(['c.json']);
  });
});

describe('import', () => {
  it('honours, keeps and names; its own spellings become ours', () => {
    const source = new Map<string, unknown>([
      ['input_folder', '/in'],
      ['stacking_kappa_low', 2.5],
      ['astap_default_sensitivity', 100],
      ['cleanup_temp_artifacts', false],
    ]);
    const existing = new Map<string, unknown>([['language', 'fr']]);
    const imported = importConfig(source, existing);
    expect(imported.honoured).toEqual(['input_folder', 'stacking_kappa_low', 'cleanup_temp_artifacts']);
    expect(imported.unknown).toEqual(['astap_default_sensitivity']);
    expect(imported.resolved.config).toMatchObject({
      input_dir: '/in',
      stacking_kappa_low: 2.5,
      cleanup_temp_artifacts: false,
      language: 'fr',
    });
    expect(Object.fromEntries(imported.content)).toEqual({
      language: 'fr',
      input_dir: '/in',
      stacking_kappa_low: 2.5,
      astap_default_sensitivity: 100,
      cleanup_temp_artifacts: false,
    });
  });
});
