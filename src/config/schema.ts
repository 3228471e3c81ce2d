// The JSON Schema (draft 2020-12) of the configuration file, built from the table.
import { envName, CONFIG_ROWS } from './table.js';

/** Version of the file format; a file that says a higher one comes from a newer program. */
export const CONFIG_VERSION = 1;

/** Key under which a file says its version. */
export const CONFIG_VERSION_KEY = 'config_version';

/**
 * The schema of `zemosaic_config.json`. Keys that it does not name are allowed, because files of the reference
 * program are kept as they are. Words that begin with `x-` are ours: forms and documentation read them, validation does not. `x-help` is the
 * locale key of the help text.
 */
export function configSchema(): Record<string, unknown> {
  const properties = Object.fromEntries(
    CONFIG_ROWS.map((row) => [
      row.key,
      {
        ...row.schema,
        default: row.default,
        'x-group': row.group,
        'x-kind': row.kind,
        'x-unit': row.unit,
        'x-env': envName(row.key),
        'x-option': `--${row.option}`,
        'x-help': row.helpKey,
      },
    ]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'zemosaic_config.json',
    type: 'object',
    properties: {
      [CONFIG_VERSION_KEY]: { type: 'integer', minimum: 1, maximum: CONFIG_VERSION },
      ...properties,
    },
    additionalProperties: true,
  };
}
