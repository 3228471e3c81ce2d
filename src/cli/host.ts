// The world around a command: streams, environment, signals, services. Tests hand in their own.
import type { HostSurroundings } from '../config/location.js';
import type { CommandServices } from './services.js';

/** A stream that text is written to; `isTTY` and `columns` as Node's terminal streams have them. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Host {
  readonly surroundings: HostSurroundings;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly version: string;
  /** Loads the services; called only by commands that need them, because the backends are heavy. */
  services(): Promise<CommandServices>;
  /** Listens to a signal; the result ends the listening. */
  onSignal(signal: StopSignal, listener: () => void): () => void;
  /** Ends the process at once, without teardown: the third Ctrl-C. */
  exitNow(code: number): void;
}
