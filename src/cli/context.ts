// What a command gets: the host, the texts, what was typed, and the ways to speak.
import type { CodedMessage } from '../config/errors.js';
import { loadConfig, type LoadedConfig } from '../config/load.js';
import type { ConfigLayers } from '../config/resolve.js';
import type { Messages } from '../report/messages.js';
import { typedConfig, type ParsedArguments } from './config-options.js';
import type { Host } from './host.js';

export interface CommandContext {
  readonly host: Host;
  readonly messages: Messages;
  readonly args: ParsedArguments;
  readonly json: boolean;
  readonly quiet: boolean;
  /** A line of the result. */
  print(line: string): void;
  /** A line beside the result. */
  note(line: string): void;
}

export function createContext(host: Host, messages: Messages, args: ParsedArguments): CommandContext {
  return {
    host,
    messages,
    args,
    json: args.json === true,
    quiet: args.quiet === true,
    print: (line) => void host.stdout.write(`${line}\n`),
    note: (line) => void host.stderr.write(`${line}\n`),
  };
}

/** The file named by `--config`, if any. */
export function configFileOption(context: CommandContext): string | undefined {
  return typeof context.args.config === 'string' ? context.args.config : undefined;
}

/** Loads the configuration with all its layers; `typed` overrides what the options say. */
export function loadCommandConfig(
  context: CommandContext,
  typed: ConfigLayers['argv'] = typedConfig(context.args),
): Promise<LoadedConfig> {
  return loadConfig(context.host.surroundings, configFileOption(context), typed);
}

/** Shows notices beside the result, unless the user wants none or reads JSON. */
export function showNotices(context: CommandContext, notices: readonly CodedMessage[]): void {
  if (context.quiet || context.json) return;
  for (const notice of notices)
    context.note(context.messages.t('report_notice', { text: context.messages.message(notice) }));
}
