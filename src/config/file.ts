// The configuration file on disk: read with clear errors, written whole or not at all, foreign keys kept verbatim.
import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from '../cleanup/ensure-dir.js';
import { ConfigFileError } from './errors.js';
import { CONFIG_VERSION, CONFIG_VERSION_KEY } from './schema.js';
import { CONFIG_ROWS, findRow } from './table.js';

/** What a file says: JSON values by key, in the file's order. A Map, because a file may name `__proto__`. */
export type ConfigFileContent = ReadonlyMap<string, unknown>;

const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** Line and column (from 1) of an offset, for messages about malformed JSON. */
function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before[before.length - 1].length + 1 };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const position = /position (\d+)/.exec(reason);
    const place = placeOf(text, position ? Number(position[1]) : text.length);
    throw new ConfigFileError('config_file_json', { path, ...place }, { cause });
  }
}

const typeName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/**
 * Parses the bytes of a configuration file. A UTF-8 byte order mark is accepted (Windows editors write it).
 * @throws ConfigFileError for other encodings, malformed JSON, anything but an object, and a newer or odd version.
 */
export function parseConfigFile(bytes: Uint8Array, path: string): ConfigFileContent {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigFileError('config_file_encoding', { path }, { cause });
  }
  const parsed = parseJson(text, path);
  if (typeName(parsed) !== 'object')
    throw new ConfigFileError('config_file_not_object', { path, type: typeName(parsed) });
  const content = new Map<string, unknown>(Object.entries(parsed as object));
  const version = content.get(CONFIG_VERSION_KEY) ?? CONFIG_VERSION;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > CONFIG_VERSION)
    throw new ConfigFileError('config_file_version', {
      path,
      value: JSON.stringify(version),
      limit: String(CONFIG_VERSION),
    });
  return content;
}

/**
 * Reads a configuration file; undefined when it does not exist and `required` is false.
 * @throws ConfigFileError
 */
export async function readConfigFile(
  path: string,
  required: boolean,
): Promise<ConfigFileContent | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const reason = errnoOf(cause);
    if (!required && (reason === 'ENOENT' || reason === 'ENOTDIR')) return undefined;
    throw new ConfigFileError('config_file_unreadable', { path, reason }, { cause });
  }
  return parseConfigFile(bytes, path);
}

/**
 * The text of a file that says `content`: version, our keys in the order of the table, then the others verbatim.
 * `cleanup_temp_artifacts` is always written, so that the switch can be seen and changed in every saved file.
 */
export function formatConfigFile(content: ConfigFileContent): string {
  const entries: [string, unknown][] = [[CONFIG_VERSION_KEY, CONFIG_VERSION]];
  for (const { key, default: value } of CONFIG_ROWS) {
    if (content.has(key)) entries.push([key, content.get(key)]);
    else if (key === 'cleanup_temp_artifacts') entries.push([key, value]);
  }
  for (const [key, value] of content)
    if (key !== CONFIG_VERSION_KEY && !findRow(key)) entries.push([key, value]);
  const lines = entries.map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/**
 * Writes a configuration file atomically (temporary name beside it, flush, rename), following a symbolic link to
 * the file that it names. Access is for the user alone: the file may hold an API key of a solver.
 * @throws ConfigFileError; the old file is then untouched.
 */
export async function saveConfigFile(path: string, content: ConfigFileContent): Promise<void> {
  const text = formatConfigFile(content);
  let temporary: string | undefined;
  try {
    await makeFolders(dirname(path));
    const target = await realpath(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return path;
      throw error;
    });
    temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { force: true });
    throw new ConfigFileError('config_file_unwritable', { path, reason: errnoOf(cause) }, { cause });
  }
}
