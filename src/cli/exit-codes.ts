// How the program ends: one table, used by the commands, printed in docs and by `--help`.

/** Exit codes by name. Those above 128 are 128 + the number of the signal, as shells expect. */
export const EXIT_CODES = {
  ok: 0,
  /** The run, or another command, failed. */
  failed: 1,
  /** Wrong option, wrong value, unreadable configuration. */
  usage: 2,
  /** No frame of the folder can be used. */
  noFrames: 3,
  /** Memory, disk or canvas beyond what is allowed or there: refused before the start, or a disk that fills later. */
  resources: 4,
  /** The backend asked for by name cannot work on this machine, or failed while it worked. */
  backend: 5,
  /** Something temporary could not be removed. */
  cleanup: 6,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitName = keyof typeof EXIT_CODES;
