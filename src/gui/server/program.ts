// The program as a child: the very command line that a person would type.
import { spawn, type ChildProcess } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { withoutSecret } from '../../config/secrets.js';
import { CONFIG_ROWS, envName, type RunConfig } from '../../config/table.js';
import { valueToText } from '../../config/values.js';
import { configOfForm, loadForm, unmasked } from './form.js';
import type { FormValues } from '../api.js';
import type { WindowSession } from './session.js';

/** Words and environment of a call of the program. */
export interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * `run` or `plan` with what the form says: the configuration file, and an option for every value that differs from what file and
 * environment give. What is secret goes by the environment: command lines can be read by everybody on the machine. @throws ConfigInvalidError
 */
export async function commandLine(
  session: WindowSession,
  command: 'run' | 'plan',
  values: FormValues,
  further: Partial<RunConfig> = {},
): Promise<Command & { readonly config: RunConfig }> {
  const stored = await loadForm(session.configFile, session.options.surroundings.env).catch(() => undefined);
  const config = { ...configOfForm(unmasked(values, stored?.values ?? {})).config, ...further };
  const base: FormValues = stored && stored.issues.length === 0 ? stored.values : {};
  const env: Record<string, string> = {};
  const option = ({ key, kind, option: name }: (typeof CONFIG_ROWS)[number]): string[] => {
    const text = valueToText(config[key], kind);
    if (isDeepStrictEqual(base[key], config[key])) return [];
    if (withoutSecret(key, text) === text) return [`--${name}=${text}`];
    env[envName(key)] = text;
    return [];
  };
  const argv = [
    command,
    '--json',
    ...(stored?.exists ? ['--config', session.configFile] : []),
    ...CONFIG_ROWS.flatMap(option),
  ];
  return { argv, env, config };
}

/**
 * Starts the program. With `detached` it is its own process group and outlives the window; its output then is read only as long as somebody
 * is there.
 */
export function startProgram(
  { options }: WindowSession,
  { argv, env }: Command,
  detached: boolean,
): ChildProcess {
  const [node, ...before] = options.program;
  const child = spawn(node, [...before, ...argv], {
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, ZEMOSAIC_LANGUAGE: undefined },
    windowsHide: true,
  });
  if (detached) {
    child.unref();
    for (const stream of [child.stdout, child.stderr])
      (stream as unknown as { unref?: () => void }).unref?.();
  }
  return child;
}

/** Calls `each` with every whole line of a stream; the promise settles when it ends. */
export async function eachLine(
  stream: NodeJS.ReadableStream,
  each: (line: string) => Promise<void> | void,
): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') await each(line);
  }
}
