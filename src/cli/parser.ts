// The command line's grammar, built from the commands and the configuration table; yargs parses, prints help and
// completes, we judge what was typed.
import yargs, { type Argv, type Options } from 'yargs';
import { nearest } from '../config/nearest.js';
import { CONFIG_ROWS } from '../config/table.js';
import type { Messages } from '../report/messages.js';
import type { Command } from './command.js';
import { configOptions, type ParsedArguments } from './config-options.js';
import { EXIT_CODES } from './exit-codes.js';
import { UsageError } from './usage-error.js';

/** What the command line asks for: a command with its arguments, or a text (help, version) that answers it. */
export type ParsedCommandLine =
  | { readonly kind: 'command'; readonly command: Command; readonly args: ParsedArguments }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing'; readonly help: string };

const LANGUAGE_ROW = CONFIG_ROWS.filter((row) => row.key === 'language');
/** Widest help: longer lines are hard to read. */
const MAX_WIDTH = 110;

/** yargs' own words that its help and its errors use, and our keys for them; so all languages are complete alike. */
const YARGS_WORDS: Readonly<Record<string, string>> = {
  'Commands:': 'cli_yargs_commands',
  'Options:': 'cli_yargs_options',
  'Positionals:': 'cli_yargs_positionals',
  boolean: 'cli_yargs_boolean',
  string: 'cli_yargs_string',
  array: 'cli_yargs_array',
  required: 'cli_yargs_required',
  'default:': 'cli_yargs_default',
  'choices:': 'cli_yargs_choices',
  'aliases:': 'cli_yargs_aliases',
};

/** yargs' texts for what is missing become marks that `failureOf` understands, so that we say it in our words. */
const YARGS_MARKS = {
  'Not enough arguments following: %s': 'value %s',
  'Not enough non-option arguments: got %s, need at least %s': { one: 'words', other: 'words' },
};

function failureOf(mark: string, argv: readonly string[], commands: readonly Command[]): UsageError {
  const words = argv.filter((word) => !word.startsWith('-')).join(' ');
  const command = commands.find(({ name }) => words === name || words.startsWith(`${name} `));
  const name = command?.name ?? '';
  const missing = /^value (.*)$/.exec(mark);
  if (missing) {
    const option = `${missing[1].length === 1 ? '-' : '--'}${missing[1]}`;
    return new UsageError('cli_option_needs_value', { option }, name);
  }
  return new UsageError(
    'cli_argument_missing',
    { usage: `zemosaic ${name} ${command?.arguments ?? ''}`.trim() },
    name,
  );
}

function globalOptions({ t }: Messages): Record<string, Options> {
  return {
    config: { type: 'string', requiresArg: true, describe: t('cli_option_config') },
    json: { type: 'boolean', describe: t('cli_option_json') },
    quiet: { type: 'boolean', alias: 'q', describe: t('cli_option_quiet') },
  };
}

/** All options of a command, by canonical name. */
function optionsOf(command: Command, messages: Messages, showChoices: boolean): Record<string, Options> {
  const rows = [...new Set([...command.rows, ...LANGUAGE_ROW])];
  return {
    ...globalOptions(messages),
    ...(command.options?.(messages) ?? {}),
    ...configOptions(rows, messages, showChoices),
  };
}

/** The same without their texts, which nobody has asked for. */
function parsedOptions(command: Command, messages: Messages): Record<string, Options> {
  const options = optionsOf(command, { ...messages, t: () => '' }, false);
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, { ...option, group: undefined }]),
  );
}

/**
 * The command and its arguments. Thrown out of yargs, which otherwise lays out the command's help, asked for or not, and takes longer for that than for
 * all the rest.
 */
class CommandFound extends Error {
  constructor(
    readonly command: Command,
    readonly args: ParsedArguments,
  ) {
    super(command.name);
  }
}

function namesOf(options: Record<string, Options>): string[] {
  return Object.entries(options).flatMap(([name, { alias }]) => [
    name,
    ...(alias === undefined ? [] : typeof alias === 'string' ? [alias] : alias),
  ]);
}

/** The arguments with one value for each option: of repeated ones the last counts. Positional lists stay lists. */
function lastValues(args: ParsedArguments, options: Record<string, Options>): ParsedArguments {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      Array.isArray(value) && Object.hasOwn(options, name) ? (value.at(-1) as unknown) : value,
    ]),
  );
}

/** Refuses options and words that nobody asked for, with the near ones. */
function refuseUnknown(
  command: Command,
  args: ParsedArguments,
  options: Record<string, Options>,
  argv: readonly string[],
): void {
  const known = [...namesOf(options), 'help', 'version'];
  const positionals = [...command.arguments.matchAll(/[\w-]+/g)].map(([name]) => name);
  const accepted = new Set([...known, ...positionals, 'h', 'V', '_', '$0']);
  for (const name of Object.keys(args)) {
    if (accepted.has(name)) continue;
    const dashes = name.length === 1 ? '-' : '--';
    const negated = argv.some((word) => word === `--no-${name}`);
    const near = nearest(name, known);
    throw new UsageError(
      'cli_unknown_option',
      {
        option: negated ? `--no-${name}` : `${dashes}${name}`,
        suggestion: near === undefined ? 'none' : `${near.length === 1 ? '-' : '--'}${near}`,
      },
      command.name,
    );
  }
  const words = Array.isArray(args._) ? args._.map(String) : [];
  const extra = words.slice(command.name.split(' ').length);
  if (extra.length > 0) throw new UsageError('cli_unexpected_word', { word: extra[0] }, command.name);
}

/** Parses the command line. @throws UsageError */
export async function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  messages: Messages,
  about: { readonly version: string; readonly columns: number | undefined },
): Promise<ParsedCommandLine> {
  const { t } = messages;
  // yargs takes the word for the option, too
  const explains = argv.some((word) =>
    /^(-[a-z]*h[a-z]*|help|--help.*|--get-yargs-completions)$/i.test(word),
  );
  let failure: UsageError | undefined;

  const add = (parser: Argv, command: Command, name: string): Argv =>
    parser.command(
      `${name} ${command.arguments}`.trim(),
      t(command.helpKey),
      (sub) => {
        for (const [positional, options] of Object.entries(command.positionals?.(messages) ?? {}))
          sub.positional(positional, options);
        return sub.options(explains ? optionsOf(command, messages, true) : parsedOptions(command, messages));
      },
      (args) => {
        throw new CommandFound(command, args);
      },
    );

  const parser = yargs([])
    .scriptName('zemosaic')
    .locale('en')
    .updateLocale({
      ...Object.fromEntries(Object.entries(YARGS_WORDS).map(([word, key]) => [word, t(key)])),
      // yargs' type knows only texts, its own catalogues have plural forms in this shape.
      ...(YARGS_MARKS as unknown as Record<string, string>),
    })
    .usage(t('cli_usage'))
    .parserConfiguration({
      'camel-case-expansion': false,
      'strip-aliased': true,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .exitProcess(false)
    .wrap(Math.min(about.columns ?? MAX_WIDTH, MAX_WIDTH))
    .help('help', t('cli_option_help'))
    .alias('help', 'h')
    .version('version', t('cli_option_version'), about.version)
    .alias('version', 'V')
    .completion('completion', t('cli_command_completion'))
    .epilogue(
      t('cli_exit_codes', Object.fromEntries(Object.entries(EXIT_CODES).map(([k, v]) => [k, String(v)]))),
    )
    .fail((message, error?: Error) => {
      // What yargs itself objects to comes as a YError or without an error; anything else is a fault.
      if (error && error.name !== 'YError') throw error;
      failure ??= failureOf(message, argv, commands);
    });
  for (const command of commands.filter(({ name }) => !name.includes(' ')))
    add(parser, command, command.name);
  const grouped = commands.filter(({ name }) => name.startsWith('config '));
  parser.command('config', t('cli_command_config'), (sub) => {
    for (const command of grouped) add(sub, command, command.name.slice('config '.length));
    return sub;
  });

  let text = '';
  let parsed: Record<string, unknown> | CommandFound;
  try {
    parsed = await parser.parseAsync([...argv], {}, (_error, _args, output) => {
      text = output;
    });
  } catch (error) {
    if (!(error instanceof CommandFound)) throw error;
    parsed = error;
  }
  if (text !== '') return { kind: 'text', text };
  if (failure) throw failure;
  if (parsed instanceof CommandFound) {
    const { command, args } = parsed;
    const options = parsedOptions(command, messages);
    refuseUnknown(command, args, options, argv);
    return { kind: 'command', command, args: lastValues(args, options) };
  }
  const words = Array.isArray(parsed._) ? parsed._.map(String) : [];
  if (words.length > 0 && !(words.length === 1 && words[0] === 'config')) {
    const inGroup = words[0] === 'config';
    const names = inGroup
      ? grouped.map(({ name }) => name.slice('config '.length))
      : [...commands.map(({ name }) => name.split(' ')[0]), 'completion'];
    const word = inGroup ? words[1] : words[0];
    const suggestion = nearest(word, names) ?? 'none';
    throw new UsageError('cli_unknown_command', { word, suggestion }, inGroup ? 'config' : '');
  }
  return { kind: 'nothing', help: await parser.getHelp() };
}
