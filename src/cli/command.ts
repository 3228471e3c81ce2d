// The shape of a command.
import type { Options, PositionalOptions } from 'yargs';
import type { Row } from '../config/row.js';
import type { Messages } from '../report/messages.js';
import type { CommandContext } from './context.js';

export interface Command {
  /** Words that call it: `run`, or `config show`. */
  readonly name: string;
  /** Positional arguments in yargs' notation: `[folder]`, `<file>`, `[keys..]`. */
  readonly arguments: string;
  /** Locale key of its one-line description. */
  readonly helpKey: string;
  /** Rows of the configuration that it takes as options. */
  readonly rows: readonly Row[];
  positionals?(messages: Messages): Record<string, PositionalOptions>;
  options?(messages: Messages): Record<string, Options>;
  /** Does the work; the result is the exit code. Errors are rendered by the caller. */
  run(context: CommandContext): Promise<number>;
}
