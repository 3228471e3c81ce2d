// The program: language, command line, command, exit code.
import { readConfigFile } from '../config/file.js';
import { ConfigFileError, ConfigInvalidError } from '../config/errors.js';
import { userConfigFile } from '../config/location.js';
import { fullDiskBehind } from '../errors.js';
import { chooseLanguage, type Language } from '../report/language.js';
import { createMessages, type Messages } from '../report/messages.js';
import { codedMessageOf, renderError } from '../report/render-error.js';
import type { Command } from './command.js';
import { backendsCommand } from './commands/backends.js';
import { cleanCommand } from './commands/clean.js';
import {
  configImportCommand,
  configSchemaCommand,
  configSetCommand,
  configShowCommand,
} from './commands/config.js';
import { demoCommand } from './commands/demo.js';
import { guiCommand } from './commands/gui.js';
import { inspectCommand } from './commands/inspect.js';
import { planCommand } from './commands/plan.js';
import { runCommand } from './commands/run.js';
import { solveCommand } from './commands/solve.js';
import { createContext } from './context.js';
import { EXIT_CODES } from './exit-codes.js';
import type { Host } from './host.js';
import { nodeHost } from './node-host.js';
import { parseCommandLine } from './parser.js';
import { UsageError } from './usage-error.js';

/** For bin/load-program.cjs, which loads parts of the program when they are asked for. */
export { ownFlags } from '../v8-flags.js';

export const COMMANDS: readonly Command[] = [
  runCommand,
  planCommand,
  inspectCommand,
  solveCommand,
  backendsCommand,
  cleanCommand,
  demoCommand,
  guiCommand,
  configShowCommand,
  configSetCommand,
  configImportCommand,
  configSchemaCommand,
];

/** The value of an option before the command line is parsed, because the language of its errors depends on it. */
function peekOption(argv: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of argv.entries()) {
    const [name, value] = word.split('=', 2);
    if (names.includes(name)) return value ?? argv[index + 1];
  }
  return undefined;
}

async function languageFor(argv: readonly string[], host: Host): Promise<Language> {
  const { env } = host.surroundings;
  const typed = peekOption(argv, ['--lang', '--language']);
  const path = peekOption(argv, ['--config']) ?? userConfigFile(host.surroundings);
  const file = await readConfigFile(path, false).catch((error: unknown) => {
    // The command itself reports a file that cannot be read; here it only has no say in the language.
    if (error instanceof ConfigFileError) return undefined;
    throw error;
  });
  const stored = file?.get('language');
  const spoken = typeof stored === 'string' ? stored : undefined;
  return chooseLanguage([typed, env.ZEMOSAIC_LANGUAGE, spoken], env);
}

async function exitCodeFor(error: unknown, host: Host, servicesUsed: boolean): Promise<number> {
  if (error instanceof UsageError || error instanceof ConfigInvalidError || error instanceof ConfigFileError)
    return EXIT_CODES.usage;
  const name = servicesUsed ? (await host.services()).exitNameOf(error) : undefined;
  return EXIT_CODES[name ?? (fullDiskBehind(error) ? 'resources' : 'failed')];
}

function showError(error: unknown, command: string, asJson: boolean, host: Host, messages: Messages): void {
  const text = renderError(error, messages);
  if (asJson) host.stdout.write(`${JSON.stringify({ type: 'error', ...codedMessageOf(error), text })}\n`);
  const [first, ...rest] = text.split('\n');
  host.stderr.write(`${[messages.t('report_error', { text: first }), ...rest].join('\n')}\n`);
  if (error instanceof UsageError) {
    const words = ['zemosaic', error.command || command, '--help'].filter((word) => word !== '');
    host.stderr.write(`${messages.t('cli_see_help', { command: words.join(' ') })}\n`);
  }
}

/**
 * Runs one command line (without `node` and the script) and says how it ended.
 * @returns the exit code, see EXIT_CODES. Never throws for what a user can cause.
 */
export async function main(argv: readonly string[], host: Host = nodeHost()): Promise<number> {
  const messages = createMessages(await languageFor(argv, host));
  let servicesUsed = false;
  let command = '';
  const watched: Host = {
    ...host,
    services: async () => {
      const services = await host.services();
      servicesUsed = true;
      return services;
    },
  };
  try {
    const parsed = await parseCommandLine(argv, COMMANDS, messages, {
      version: host.version,
      columns: host.stdout.columns,
    });
    if (parsed.kind === 'text') {
      host.stdout.write(`${parsed.text}\n`);
      return EXIT_CODES.ok;
    }
    if (parsed.kind === 'nothing') {
      host.stderr.write(`${parsed.help}\n`);
      return EXIT_CODES.usage;
    }
    command = parsed.command.name;
    return await parsed.command.run(createContext(watched, messages, parsed.args));
  } catch (error) {
    showError(error, command, argv.includes('--json'), host, messages);
    return exitCodeFor(error, host, servicesUsed);
  }
}
