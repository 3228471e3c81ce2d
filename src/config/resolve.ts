// The layers become one configuration: defaults < file < environment < command line. Pure: what the file, the
// environment and the command line say is handed in.
import { ConfigInvalidError, type CodedMessage } from './errors.js';
import { nearest } from './nearest.js';
import type { Origin, Provenance } from './origin.js';
import { coveredBy } from './covered.js';
import { LEGACY_SPELLINGS } from './legacy-spellings.js';
import type { Row } from './row.js';
import { crossRuleNotices } from './rules.js';
import { CONFIG_VERSION_KEY } from './schema.js';
import { CONFIG_ROWS, envName, findRow, type ConfigKey, type RunConfig } from './table.js';
import { validateConfig } from './validate.js';
import { valueFromJson, valueFromText } from './values.js';

/** What each layer says. File: JSON values by key; environment: variables; command line: texts and booleans by key. */
export interface ConfigLayers {
  readonly file?: ReadonlyMap<string, unknown>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly argv?: Readonly<Partial<Record<ConfigKey, string | boolean>>>;
}

/** A configuration ready for a run, with the origin of every value and what the user ought to know about it. */
export interface ResolvedConfig {
  readonly config: RunConfig;
  readonly provenance: Provenance;
  /** Values without effect, keys that are kept but unknown, mistyped environment variables. */
  readonly notices: readonly CodedMessage[];
}

interface Candidate {
  readonly value: unknown;
  readonly origin: Origin;
}

function candidateOf(row: Row<ConfigKey>, layers: ConfigLayers): Candidate {
  const typed = layers.argv?.[row.key];
  if (typed !== undefined)
    return { value: typeof typed === 'string' ? valueFromText(row, typed) : typed, origin: 'argv' };
  const variable = layers.env?.[envName(row.key)];
  // An empty variable is what `VAR= command` leaves: not set.
  if (variable !== undefined && variable !== '')
    return { value: valueFromText(row, variable), origin: 'env' };
  const stored = fileValue(row.key, layers.file);
  // null in a file means "not set", as the reference program reads it.
  if (stored !== undefined && stored !== null) return { value: valueFromJson(row, stored), origin: 'file' };
  return { value: row.default, origin: 'default' };
}

function fileValue(key: string, file: ReadonlyMap<string, unknown> | undefined): unknown {
  const own = file?.get(key);
  if (own !== undefined && own !== null) return own;
  for (const [spelling, meant] of LEGACY_SPELLINGS)
    if (meant === key && file?.has(spelling)) return file.get(spelling);
  return own;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

/** Keys of a file that are not in effect: those of which something else here decides, and those that nobody knows. */
export function foreignKeys(file: ReadonlyMap<string, unknown>): {
  covered: string[];
  unknown: string[];
} {
  const foreign = [...file.keys()].filter(
    (key) => !findRow(key) && !LEGACY_SPELLINGS.has(key) && key !== CONFIG_VERSION_KEY,
  );
  return {
    covered: foreign.filter((key) => coveredBy(key) !== undefined),
    unknown: foreign.filter((key) => coveredBy(key) === undefined),
  };
}

function foreignNotices(layers: ConfigLayers): CodedMessage[] {
  const notices: CodedMessage[] = [];
  const { covered, unknown } = foreignKeys(layers.file ?? new Map<string, unknown>());
  for (const family of new Set(covered.flatMap((key) => coveredBy(key) ?? []))) {
    const keys = covered.filter((key) => family.keys.includes(key));
    const params = { count: keys.length, keys: keys.join(', '), by: family.by.join(', ') };
    notices.push({ code: 'config_notice_covered_keys', params });
  }
  if (unknown.length > 0)
    notices.push({
      code: 'config_notice_unknown_keys',
      params: { count: unknown.length, keys: unknown.join(', ') },
    });
  const prefix = envName('');
  const known = CONFIG_ROWS.map((row) => row.key.toUpperCase());
  for (const name of Object.keys(layers.env ?? {})) {
    const rest = name.slice(prefix.length);
    if (!name.startsWith(prefix) || (known as string[]).includes(rest)) continue;
    const near = nearest(rest, known);
    const suggestion = near === undefined ? 'none' : `${prefix}${near}`;
    notices.push({ code: 'config_notice_unknown_env', params: { name, suggestion } });
  }
  return notices;
}

/**
 * Merges the layers and validates the result.
 * @throws ConfigInvalidError with every wrong value.
 */
export function resolveConfig(layers: ConfigLayers): ResolvedConfig {
  const values: Record<string, unknown> = {};
  const origins: Partial<Record<ConfigKey, Origin>> = {};
  const notices: CodedMessage[] = [];
  for (const row of CONFIG_ROWS) {
    const { value, origin } = candidateOf(row, layers);
    values[row.key] = value;
    origins[row.key] = origin;
  }
  const provenance = Object.freeze(origins) as Provenance;
  const issues = validateConfig(values, provenance);
  if (issues.length > 0) throw new ConfigInvalidError(issues);
  const config = deepFreeze(structuredClone(values)) as RunConfig;
  return {
    config,
    provenance,
    notices: [...notices, ...crossRuleNotices(config, provenance), ...foreignNotices(layers)],
  };
}
