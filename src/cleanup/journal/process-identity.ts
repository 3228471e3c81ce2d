// Who made a journal, and does that process still live? A process number alone is reused by the system; with its
// start time it is not. Where the start time cannot be read, the journal's heartbeat decides.
import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { systemCode } from '../paths.js';

/** One process of one machine. `processStart` is null where the system does not tell. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly processStart: string | null;
  /** Host name, and on Linux the process-number space (containers of one host may share a folder). */
  readonly machine: string;
}

/** How often a live run touches its journals. */
export const HEARTBEAT_MS = 60_000;

/** A heartbeat older than this is no sign of life: many missed beats, so that a busy machine is not taken for dead. */
const HEARTBEAT_STALE_MS = 15 * HEARTBEAT_MS;

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, processStart: processStartOf(process.pid), machine: machineName() };
}

/**
 * Whether the process of `identity` still runs. `heartbeatAgeMs` (age of the newest touch of its journals) decides
 * for another machine, and on systems that tell no start time, for a process number that is in use.
 */
export function isProcessLive(identity: ProcessIdentity, heartbeatAgeMs: number): boolean {
  const beating = heartbeatAgeMs < HEARTBEAT_STALE_MS;
  if (identity.machine !== machineName()) return beating;
  if (identity.processStart !== null) return processStartOf(identity.pid) === identity.processStart;
  try {
    process.kill(identity.pid, 0);
    return beating;
  } catch (error) {
    // "Not permitted" means: it exists and is somebody else's.
    return systemCode(error) === 'EPERM' && beating;
  }
}

function machineName(): string {
  return `${os.hostname()}${readOr('', () => ` ${readlinkSync('/proc/self/ns/pid')}`)}`;
}

/** Boot id and start tick of a process (Linux), or null when it does not exist, is a zombie, or is not told. */
function processStartOf(pid: number): string | null {
  const stat = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The command name in parentheses may itself hold spaces and parentheses: count fields after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTick] = [fields[0], fields[19]];
  if (startTick === undefined || state === 'Z' || state === 'X') return null;
  return `${readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')).trim()} ${startTick}`;
}

function readOr(otherwise: string, read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return otherwise; // no /proc on this system, or the process has just ended
  }
}
