// A solver's program, wherever it may be: the first of several places that holds one is run.
import { stat } from 'node:fs/promises';
import type { ExternalFailure } from './external-solver.js';
import { runProgram, type ProgramOptions } from './run-program.js';

/** What the system says of a program that is not there. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

export interface Question extends ProgramOptions {
  /** As users know the solver. */
  readonly solver: string;
  /** Places to try, in this order. */
  readonly programs: readonly string[];
  readonly args: readonly string[];
  /** Time limit that users are told: that of the setting, of which `timeoutMs` may be what is left. */
  readonly limitMs: number;
}

/** Undefined when a program has come to its own end: what it has written tells what it has found. @throws the signal's reason. */
export async function runFirst({
  solver,
  programs,
  args,
  limitMs,
  ...options
}: Question): Promise<ExternalFailure | undefined> {
  let refused: ExternalFailure | undefined;
  for (const program of programs) {
    const end = await runProgram(program, args, options);
    if (end === 'exited') return undefined;
    if (end === 'timeout')
      return { code: 'solve_reject_external_timeout', params: { solver, seconds: limitMs / 1000 } };
    const detail = end.notStarted;
    // a folder may be asked for the program in it; that it cannot be started itself is no news
    if (ABSENT.includes(detail) || (await isFolder(program))) continue;
    refused ??= { code: 'solve_reject_external_not_started', params: { solver, program, detail } };
  }
  return (
    refused ?? {
      code: 'solve_reject_external_missing',
      params: { solver, program: programs.join(', ') },
    }
  );
}

async function isFolder(at: string): Promise<boolean> {
  return stat(at).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
