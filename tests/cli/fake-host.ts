// A host without a world: streams that remember, signals that the test sends, services that the test makes.
import { Writable } from 'node:stream';
import type { ExitName } from '../../src/cli/exit-codes.js';
import type { Host, StopSignal } from '../../src/cli/host.js';
import { main } from '../../src/cli/main.js';
import type { CommandServices } from '../../src/cli/services.js';

class Memory extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface FakeRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Codes with which the process was ended at once. */
  readonly exits: readonly number[];
  /** Listeners that are still there. */
  readonly listening: number;
}

export interface FakeOptions {
  readonly services?: Partial<CommandServices>;
  readonly env?: Readonly<Record<string, string>>;
  readonly homeDir?: string;
}

/** Sends a signal to the command that runs in this host. */
export type SendSignal = (signal: StopSignal) => void;

/** Runs a command line; `services` may be made from the function that sends signals and the record of sudden ends. */
export async function runMain(
  argv: readonly string[],
  options: FakeOptions | ((send: SendSignal, exits: readonly number[]) => FakeOptions) = {},
): Promise<FakeRun> {
  const stdout = new Memory();
  const stderr = new Memory();
  const exits: number[] = [];
  const listeners: { signal: StopSignal; listener: () => void }[] = [];
  const send: SendSignal = (signal) =>
    listeners.filter((entry) => entry.signal === signal).forEach(({ listener }) => listener());
  const {
    services = {},
    env = {},
    homeDir = '/nowhere',
  } = typeof options === 'function' ? options(send, exits) : options;
  const unexpected = (): never => {
    throw new Error('service');
  };
  const complete: CommandServices = {
    runMosaic: unexpected,
    planMosaic: unexpected,
    listBackends: unexpected,
    inspectFile: unexpected,
    solveFiles: unexpected,
    cleanDir: unexpected,
    makeDemo: unexpected,
    exitNameOf: (): ExitName | undefined => undefined,
    ...services,
  };
  const host: Host = {
    surroundings: { platform: 'linux', env, homeDir },
    stdout,
    stderr,
    version: '1.2.3',
    services: () => Promise.resolve(complete),
    onSignal: (signal, listener) => {
      const entry = { signal, listener };
      listeners.push(entry);
      return () => void listeners.splice(listeners.indexOf(entry), 1);
    },
    exitNow: (code) => void exits.push(code),
  };
  const code = await main(argv, host);
  return { code, out: stdout.text, err: stderr.text, exits, listening: listeners.length };
}
