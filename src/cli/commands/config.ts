// `zemosaic config show|set|import|schema`: the configuration file and what comes of it.
import { readConfigFile, saveConfigFile } from '../../config/file.js';
import { importConfig } from '../../config/import.js';
import { userConfigFile } from '../../config/location.js';
import { nearest } from '../../config/nearest.js';
import { resolveConfig } from '../../config/resolve.js';
import { withoutSecrets } from '../../config/secrets.js';
import { configSchema } from '../../config/schema.js';
import { CONFIG_ROWS, findRow, type ConfigKey } from '../../config/table.js';
import { valueToText } from '../../config/values.js';
import type { Command } from '../command.js';
import { configFileOption, loadCommandConfig, showNotices, type CommandContext } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { UsageError } from '../usage-error.js';

const targetFile = (context: CommandContext): string =>
  configFileOption(context) ?? userConfigFile(context.host.surroundings);

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function knownKey(key: string, command: string): ConfigKey {
  const row = findRow(key);
  if (row) return row.key;
  const suggestion = nearest(
    key,
    CONFIG_ROWS.map((known) => known.key),
  );
  throw new UsageError('cli_unknown_key', { key, suggestion: suggestion ?? 'none' }, command);
}

export const configShowCommand: Command = {
  name: 'config show',
  arguments: '[keys..]',
  helpKey: 'cli_command_config_show',
  rows: CONFIG_ROWS,
  positionals: ({ t }) => ({ keys: { type: 'string', describe: t('cli_argument_keys') } }),

  async run(context) {
    const keys = textsOf(context.args.keys).map((key) => knownKey(key, 'config show'));
    const { config: own, provenance, notices, path, file } = await loadCommandConfig(context);
    const config = withoutSecrets(own);
    showNotices(context, notices);
    const rows = keys.length > 0 ? CONFIG_ROWS.filter(({ key }) => keys.includes(key)) : CONFIG_ROWS;
    if (context.json) {
      const values = rows.map(({ key }) => [key, { value: config[key], origin: provenance[key] }]);
      context.print(JSON.stringify({ path, exists: file !== undefined, values: Object.fromEntries(values) }));
      return EXIT_CODES.ok;
    }
    const exists = file === undefined ? 'no' : 'yes';
    if (!context.quiet) context.note(context.messages.t('cli_config_file', { path, exists }));
    for (const row of rows) {
      const origin = context.messages.t('cli_config_origin', { origin: provenance[row.key] });
      context.print(`${row.key} = ${valueToText(config[row.key], row.kind) || '""'}  (${origin})`);
    }
    return EXIT_CODES.ok;
  },
};

export const configSetCommand: Command = {
  name: 'config set',
  arguments: '<pairs..>',
  helpKey: 'cli_command_config_set',
  rows: [],
  positionals: ({ t }) => ({ pairs: { type: 'string', describe: t('cli_argument_pairs') } }),

  async run(context) {
    const typed: Partial<Record<ConfigKey, string>> = {};
    for (const pair of textsOf(context.args.pairs)) {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new UsageError('cli_not_a_pair', { value: pair }, 'config set');
      typed[knownKey(pair.slice(0, equals), 'config set')] = pair.slice(equals + 1);
    }
    const path = targetFile(context);
    const content = new Map(await readConfigFile(path, false));
    const { config, notices } = resolveConfig({ file: content, argv: typed });
    for (const key of Object.keys(typed) as ConfigKey[]) content.set(key, config[key]);
    await saveConfigFile(path, content);
    showNotices(context, notices);
    if (!context.quiet) context.note(context.messages.t('cli_config_saved', { path }));
    return EXIT_CODES.ok;
  },
};

export const configImportCommand: Command = {
  name: 'config import',
  arguments: '<file>',
  helpKey: 'cli_command_config_import',
  rows: [],
  positionals: ({ t }) => ({ file: { type: 'string', describe: t('cli_argument_import') } }),

  async run(context) {
    const path = targetFile(context);
    const source = (await readConfigFile(String(context.args.file), true)) ?? new Map<string, unknown>();
    const imported = importConfig(source, await readConfigFile(path, false));
    await saveConfigFile(path, imported.content);
    const { honoured, unknown } = imported;
    if (context.json) context.print(JSON.stringify({ path, honoured, unknown }));
    else if (!context.quiet) {
      showNotices(context, imported.resolved.notices);
      context.note(
        context.messages.t('cli_config_imported', {
          path,
          honoured: honoured.length,
          kept: unknown.length,
        }),
      );
    }
    return EXIT_CODES.ok;
  },
};

export const configSchemaCommand: Command = {
  name: 'config schema',
  arguments: '',
  helpKey: 'cli_command_config_schema',
  rows: [],

  run(context) {
    const schema = configSchema();
    const properties = schema.properties as Record<string, Record<string, unknown>>;
    for (const { key, helpKey } of CONFIG_ROWS)
      properties[key] = { description: context.messages.t(helpKey), ...properties[key] };
    context.print(JSON.stringify(schema, null, 2));
    return Promise.resolve(EXIT_CODES.ok);
  },
};
