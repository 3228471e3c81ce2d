// The configuration table as command-line options, and the options typed back as the configuration's layer.
import type { Options } from 'yargs';
import type { ConfigLayers } from '../config/resolve.js';
import type { Row } from '../config/row.js';
import { CONFIG_ROWS, type ConfigKey } from '../config/table.js';
import { valueToText } from '../config/values.js';
import type { Messages } from '../report/messages.js';
import { UsageError } from './usage-error.js';

/** Arguments as yargs hands them over, by canonical option name. */
export type ParsedArguments = Readonly<Record<string, unknown>>;

function describe(row: Row, messages: Messages): string {
  const help = messages.t(row.helpKey);
  return row.unit === '' ? help : `${help} [${row.unit}]`;
}

/**
 * yargs options of `rows`, in groups under translated headings. Values are taken as texts, so that our own
 * validation sees all of them and can name everything that is wrong; `choices` are given to yargs only where it
 * prints or completes them.
 */
export function configOptions(
  rows: readonly Row[],
  messages: Messages,
  showChoices: boolean,
): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const row of rows) {
    const group = messages.t(`config_group_${row.group}`);
    const boolean = row.kind === 'boolean';
    options[row.option] = {
      // yargs compares each option that has aliases, be it none, with each other one
      ...(row.aliases.length > 0 && { alias: [...row.aliases] }),
      type: boolean ? 'boolean' : 'string',
      group,
      describe: describe(row, messages),
      ...(!boolean && { requiresArg: true }),
      ...(row.kind === 'choice' && showChoices && { choices: row.schema.enum as string[] }),
      // '' is the default of paths; their help texts say what it leads to.
      defaultDescription: valueToText(row.default, row.kind) || undefined,
    };
    if (row.inverse !== undefined)
      options[row.inverse] = {
        type: 'boolean',
        group,
        describe: messages.t('cli_inverse_of', { option: `--no-${row.option}` }),
      };
  }
  return options;
}

/** The configuration that was typed. @throws UsageError when an option and its opposite are both given. */
export function typedConfig(args: ParsedArguments): NonNullable<ConfigLayers['argv']> {
  const typed: Partial<Record<ConfigKey, string | boolean>> = {};
  for (const row of CONFIG_ROWS) {
    const value = args[row.option];
    if (typeof value === 'string' || typeof value === 'boolean') typed[row.key] = value;
    const opposite = row.inverse === undefined ? undefined : args[row.inverse];
    if (typeof opposite !== 'boolean') continue;
    if (value === opposite)
      throw new UsageError('cli_conflict', { first: `--${row.option}`, second: `--${row.inverse}` });
    typed[row.key] = !opposite;
  }
  return typed;
}
