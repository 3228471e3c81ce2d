// The runs of this machine, by their journals: which are at work, and where they keep what they make.
import path from 'node:path';
import { stat, statfs } from 'node:fs/promises';
import { registerDirOf } from '../../cleanup/journal/journal.js';
import { readRuns, type RunRecord } from '../../cleanup/journal/read-journals.js';
import { runtimeTempDirOf } from '../../cleanup/workspace-options.js';
import type { KnownRun, RunDisk } from '../api.js';
import { loadForm } from './form.js';
import { HttpError } from './http-error.js';
import type { WindowSession } from './session.js';

/** Registers of runs: the system's, and that of the configured runtime folder. */
async function registers({ configFile, options }: WindowSession): Promise<string[]> {
  const form = await loadForm(configFile, options.surroundings.env).catch(() => undefined);
  const configured = form?.values.runtime_temp_dir;
  const dirs = ['', typeof configured === 'string' ? configured : ''];
  return [...new Set(dirs.map((dir) => registerDirOf(runtimeTempDirOf(dir))))];
}

/** Runs at work that this user started, newest first. */
export async function liveRuns(session: WindowSession): Promise<RunRecord[]> {
  const runs = await readRuns(await registers(session));
  return runs.filter(({ live, trusted }) => live && trusted).reverse();
}

export const knownRun = ({ header, live }: RunRecord): KnownRun => ({
  runId: header.runId,
  outputDir: header.outputDir,
  startedAt: header.startedAt,
  pid: header.pid,
  live,
});

/** The run at work under this id. @throws HttpError */
export async function liveRun(session: WindowSession, runId: string): Promise<RunRecord> {
  const run = (await liveRuns(session)).find(({ header }) => header.runId === runId);
  if (!run) throw new HttpError(404, 'gui_error_run_over');
  return run;
}

/** The run at work in an output folder, if there is one. */
export async function runIn(outputDir: string): Promise<RunRecord | undefined> {
  return (await readRuns([outputDir])).filter(({ live, trusted }) => live && trusted).at(-1);
}

/** Path of the `.dat` that holds the mosaic while it is made. */
export function canvasOf({ artifacts }: RunRecord): string | undefined {
  return [...artifacts.values()].find(
    ({ kind, path: at }) => kind === 'memmap' && /^mosaic_\d+x/.test(path.basename(at)),
  )?.path;
}

/** What a run's files take on the disk, holes not counted, and what is free there. */
export async function diskOf(outputDir: string, run: RunRecord | undefined): Promise<RunDisk> {
  const sizes = await Promise.all(
    [...(run?.artifacts.keys() ?? [])].map(async (at) => {
      const found = await stat(at).catch(() => undefined);
      // Windows counts no blocks.
      return found?.isFile() ? (found.blocks ? found.blocks * 512 : found.size) : 0;
    }),
  );
  const { bavail, bsize } = await statfs(outputDir);
  return { temporaryBytes: sizes.reduce((sum, bytes) => sum + bytes, 0), freeBytes: bavail * bsize };
}
