// Between the configuration file and the form: values by key, checked by the one validator.
import { isDeepStrictEqual } from 'node:util';
import { ConfigFileError, ConfigInvalidError, type ConfigIssue } from '../../config/errors.js';
import { readConfigFile, saveConfigFile, type ConfigFileContent } from '../../config/file.js';
import { resolveConfig, type ResolvedConfig } from '../../config/resolve.js';
import { isSecret, MASK } from '../../config/secrets.js';
import { CONFIG_ROWS, type ConfigKey } from '../../config/table.js';
import { valueFromJson } from '../../config/values.js';
import type { Check, FormRow, FormValues, LoadedForm } from '../api.js';

export const FORM_ROWS: readonly FormRow[] = CONFIG_ROWS.map(
  ({ key, kind, default: value, group, unit, schema, helpKey }) => ({
    key,
    kind,
    default: value,
    group,
    unit,
    schema,
    helpKey,
    secret: isSecret(key),
  }),
);

const known = (values: FormValues): ConfigFileContent =>
  new Map(CONFIG_ROWS.flatMap(({ key }) => (Object.hasOwn(values, key) ? [[key, values[key]]] : [])));

/** Values, each secret that is set replaced. */
function withSecrets(values: FormValues, replace: (key: string, value: unknown) => unknown): FormValues {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      isSecret(key as ConfigKey) && value !== '' ? replace(key, value) : value,
    ]),
  );
}

/** The form as the page gets it: secrets masked. */
export const masked = (form: LoadedForm): LoadedForm => ({
  ...form,
  values: withSecrets(form.values, () => MASK),
});

/** The page's values with the secrets that it never saw. */
export const unmasked = (values: FormValues, stored: FormValues): FormValues =>
  withSecrets(values, (key, value) => (value === MASK ? (stored[key] ?? '') : value));

/** The configuration that the form describes. @throws ConfigInvalidError */
export function configOfForm(values: FormValues): ResolvedConfig {
  return resolveConfig({ file: known(values) });
}

/** What is wrong with the form's values; nothing is thrown for that. */
export function checkForm(values: FormValues): Check {
  try {
    return { issues: [], notices: configOfForm(values).notices };
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return { issues: error.details, notices: [] };
  }
}

/** Reads a configuration file for the form; wrong values are shown and named. @throws ConfigFileError */
export async function loadForm(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LoadedForm> {
  const file = await readConfigFile(path, false);
  const exists = file !== undefined;
  try {
    const { config, provenance, notices } = resolveConfig({ file, env });
    return { path, exists, values: config, provenance, issues: [], notices };
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const issues: readonly ConfigIssue[] = error.details;
    const values = Object.fromEntries(
      CONFIG_ROWS.map((row) => [row.key, valueFromJson(row, file?.get(row.key) ?? row.default)]),
    );
    return { path, exists, values, provenance: {}, issues, notices: [] };
  }
}

/**
 * Saves the form's values on top of what the file holds: keys of others stay, a default that the file never named is not
 * written. Secrets that the page did not change are those of the file `from`, where the form came from. @throws ConfigInvalidError, ConfigFileError; the old file is then untouched.
 */
export async function saveForm(path: string, values: FormValues, from: string): Promise<void> {
  const stored = Object.fromEntries((await readConfigFile(from, false)) ?? []);
  const { config } = configOfForm(unmasked(values, stored));
  const content = new Map(await readConfigFile(path, false));
  for (const { key, default: value } of CONFIG_ROWS) {
    if (content.has(key) || !isDeepStrictEqual(config[key], value)) content.set(key, config[key]);
  }
  await saveConfigFile(path, content);
}

/** Writes one value into the file and leaves all else as it is. @throws ConfigInvalidError, ConfigFileError */
export async function saveValue(path: string, key: ConfigKey, value: unknown): Promise<void> {
  const { config } = configOfForm({ [key]: value });
  await saveConfigFile(path, new Map(await readConfigFile(path, false)).set(key, config[key]));
}

/** The form with nothing but defaults: for a file that cannot be read. */
export function defaultForm(path: string): LoadedForm {
  const values = Object.fromEntries(CONFIG_ROWS.map(({ key, default: value }) => [key, value]));
  return { path, exists: true, values, provenance: {}, issues: [], notices: [] };
}

/** True for errors of a configuration file. */
export const isFileError = (error: unknown): error is ConfigFileError => error instanceof ConfigFileError;
