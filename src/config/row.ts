// One row of the configuration table, and the few builders that make rows. A row knows everything about its key:
// type, default, range, unit, group, command-line names and help text; all else is generated from it.

/** Groups of `--help`, of the window's form and of docs/configuration.md, in the order in which they are shown. */
export const CONFIG_GROUPS = [
  'main',
  'system',
  'frames',
  'stacking',
  'assembly',
  'output',
  'aesthetic',
  'advanced',
] as const;
export type ConfigGroup = (typeof CONFIG_GROUPS)[number];

/** How a text (environment, command line) becomes a value, and how forms show it. */
export type ValueKind = 'boolean' | 'integer' | 'number' | 'text' | 'path' | 'choice' | 'size' | 'limits';

/** A row of the table: `K` its key, `V` the type of its value in `RunConfig`. */
export interface Row<K extends string = string, V = unknown> {
  readonly key: K;
  readonly kind: ValueKind;
  readonly default: V;
  readonly group: ConfigGroup;
  /** Unit of the value as users read it (`px`, `MB`, `sigma`, `%`), '' for none. */
  readonly unit: string;
  /** JSON Schema (draft 2020-12) of the value. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Name of the command-line option, without dashes, and further names of it. */
  readonly option: string;
  readonly aliases: readonly string[];
  /** A second boolean option that means the opposite (`--keep-temp`). */
  readonly inverse: string | undefined;
  /** Locale key of the help text. */
  readonly helpKey: string;
  /** Locale key of the rule that the schema's pattern states, '' where there is none. */
  readonly patternRule: string;
}

interface RowOptions {
  readonly group: ConfigGroup;
  readonly unit?: string;
  readonly option?: string;
  readonly aliases?: readonly string[];
  readonly inverse?: string;
  readonly helpKey?: string;
  readonly patternRule?: string;
}

interface RangeOptions extends RowOptions {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

const kebab = (key: string): string => key.replaceAll('_', '-');

function makeRow<K extends string, V>(
  key: K,
  kind: ValueKind,
  value: V,
  schema: Record<string, unknown>,
  options: RowOptions,
): Row<K, V> {
  const option = options.option ?? kebab(key);
  const names = new Set([...(options.aliases ?? []), kebab(key)]);
  names.delete(option);
  return {
    key,
    kind,
    default: value,
    group: options.group,
    unit: options.unit ?? '',
    schema,
    option,
    aliases: [...names],
    inverse: options.inverse,
    helpKey: options.helpKey ?? `config_help_${key}`,
    patternRule: options.patternRule ?? '',
  };
}

function range(options: RangeOptions): Record<string, number> {
  const { minimum, maximum, exclusiveMinimum } = options;
  return Object.fromEntries(
    Object.entries({ minimum, maximum, exclusiveMinimum }).filter(
      (entry): entry is [string, number] => entry[1] !== undefined,
    ),
  );
}

export function booleanRow<const K extends string>(
  key: K,
  value: boolean,
  options: RowOptions,
): Row<K, boolean> {
  return makeRow(key, 'boolean', value, { type: 'boolean' }, options);
}

export function integerRow<const K extends string>(
  key: K,
  value: number,
  options: RangeOptions,
): Row<K, number> {
  return makeRow(key, 'integer', value, { type: 'integer', ...range(options) }, options);
}

export function numberRow<const K extends string>(
  key: K,
  value: number,
  options: RangeOptions,
): Row<K, number> {
  return makeRow(key, 'number', value, { type: 'number', ...range(options) }, options);
}

/** A number, or null when the program chooses it; written `auto` in texts. */
export function autoNumberRow<const K extends string>(key: K, options: RangeOptions): Row<K, number | null> {
  return makeRow<K, number | null>(
    key,
    'number',
    null,
    { type: ['number', 'null'], ...range(options) },
    options,
  );
}

/** A text; `pattern` is a regular expression that it must match. */
export function textRow<const K extends string>(
  key: K,
  value: string,
  options: RowOptions & { readonly pattern?: string; readonly maxLength?: number },
): Row<K, string> {
  const { pattern, maxLength } = options;
  const schema = { type: 'string', ...(pattern && { pattern }), ...(maxLength && { maxLength }) };
  return makeRow(key, 'text', value, schema, options);
}

/** A file or folder; '' means that the program chooses. NUL bytes are refused, they end a path in system calls. */
export function pathRow<const K extends string>(key: K, value: string, options: RowOptions): Row<K, string> {
  const schema = { type: 'string', pattern: '^[^\\u0000]*$' };
  return makeRow(key, 'path', value, schema, { patternRule: 'config_rule_text_path', ...options });
}

export function choiceRow<const K extends string, const C extends string>(
  key: K,
  choices: readonly C[],
  value: NoInfer<C>,
  options: RowOptions,
): Row<K, C> {
  return makeRow(key, 'choice', value as C, { type: 'string', enum: [...choices] }, options);
}

/** An image size `[width, height]` in pixels, or null for automatic; written `WIDTHxHEIGHT` in texts. */
export function sizeRow<const K extends string>(
  key: K,
  options: RangeOptions,
): Row<K, readonly [number, number] | null> {
  const items = { type: 'integer', ...range(options) };
  return makeRow<K, readonly [number, number] | null>(
    key,
    'size',
    null,
    { type: ['array', 'null'], items, minItems: 2, maxItems: 2 },
    options,
  );
}

/** A lower and an upper limit `[low, high]`; written `LOW,HIGH` in texts. */
export function limitsRow<const K extends string>(
  key: K,
  value: readonly [number, number],
  options: RangeOptions,
): Row<K, readonly [number, number]> {
  const items = { type: 'number', ...range(options) };
  return makeRow<K, readonly [number, number]>(
    key,
    'limits',
    value,
    { type: 'array', items, minItems: 2, maxItems: 2 },
    options,
  );
}
