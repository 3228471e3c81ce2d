// The folder argument that `run` and `plan` share, and the configuration that a run cannot do without.
import type { PositionalOptions } from 'yargs';
import type { LoadedConfig } from '../../config/load.js';
import type { Messages } from '../../report/messages.js';
import { typedConfig } from '../config-options.js';
import { loadCommandConfig, type CommandContext } from '../context.js';
import { UsageError } from '../usage-error.js';

export function folderPositional({ t }: Messages): Record<string, PositionalOptions> {
  return { folder: { type: 'string', describe: t('cli_argument_folder') } };
}

/** The configuration of a run: the folder argument is `input_dir`. @throws UsageError when a folder is missing. */
export async function loadRunConfig(context: CommandContext, command: string): Promise<LoadedConfig> {
  const typed = { ...typedConfig(context.args) };
  const { folder } = context.args;
  if (typeof folder === 'string') {
    if (typed.input_dir !== undefined && typed.input_dir !== folder)
      throw new UsageError('cli_conflict', { first: folder, second: '--input-dir' }, command);
    typed.input_dir = folder;
  }
  const loaded = await loadCommandConfig(context, typed);
  if (loaded.config.input_dir === '') throw new UsageError('cli_input_missing', {}, command);
  if (loaded.config.output_dir === '') throw new UsageError('cli_output_missing', {}, command);
  return loaded;
}
