// The choice at the start: go on where a stopped run of the same output folder ended, or start anew and say why.
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { realPathOf } from '../../cleanup/paths.js';
import type { RunRecord } from '../../cleanup/journal/read-journals.js';
import { stoppedRunsOf } from '../../cleanup/run-state.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { CodedMessage } from '../../config/errors.js';
import type { RunConfig } from '../../config/table.js';
import { CodedError } from '../../errors.js';
import type { EventSink } from '../../report/events.js';
import { misfit, type ResumeKey } from './resume-key.js';
import { RunMemory } from './run-memory.js';

/** `resume` is `force`, and there is no stopped run that fits. */
export class ResumeError extends CodedError {}

const KEY_FILE = 'key.json';

/** What a run begins with. */
export interface BegunRun {
  readonly memory: RunMemory;
  /** The run that this one goes on for. */
  readonly resumed?: { readonly runId: string; readonly frames: number; readonly cells: number };
}

/**
 * Adopts the latest stopped run of the output folder that fits `key`; the others are removed, and the reason why the latest does not fit is told.
 * @throws ResumeError when `resume` is `force` and none fits.
 */
export async function beginResume(
  workspace: Workspace,
  sink: EventSink,
  setting: RunConfig['resume'],
  key: ResumeKey,
): Promise<BegunRun> {
  const stopped = await workspace.resume.stoppedRuns();
  const verdicts = await Promise.all(stopped.map((run) => judge(run, key, setting)));
  const fit = verdicts.findIndex((verdict) => 'key' in verdict);
  if (setting === 'force' && fit < 0) {
    const why = verdicts.find((verdict) => 'why' in verdict)?.why;
    throw new ResumeError(why?.code ?? 'pipeline_resume_none', { ...why?.params, anew: 'no' });
  }
  for (const [i, run] of stopped.entries()) {
    const verdict = verdicts[i];
    if (i === fit) continue;
    if (fit < 0 && 'why' in verdict) {
      const { code, params } = verdict.why;
      sink.emit({ type: 'notice', message: { code, params: { ...params, anew: 'yes' } } });
    }
    await workspace.resume.supersede(run);
  }
  if (setting === 'off') return { memory: RunMemory.none() };
  const verdict = verdicts[fit];
  if (fit < 0 || !('key' in verdict)) {
    const stateDir = await workspace.resume.stateDir();
    await writeKey(path.join(stateDir, KEY_FILE), key);
    return { memory: await RunMemory.open(stateDir) };
  }
  await workspace.resume.adopt(stopped[fit]);
  const memory = await RunMemory.open(await workspace.resume.stateDir());
  const resumed = { runId: stopped[fit].header.runId, frames: memory.frameCount, cells: memory.cellCount };
  sink.emit({
    type: 'notice',
    message: { code: 'pipeline_resumed', params: { frames: resumed.frames, cells: resumed.cells } },
  });
  if (verdict.key.backend !== key.backend) {
    const params = { then: verdict.key.backend, now: key.backend };
    sink.emit({ type: 'warning', message: { code: 'pipeline_resume_mixed', params } });
  }
  return { memory, resumed };
}

/** What `beginResume` would tell of a run into `outputDir` with this key; nothing is changed. */
export async function foretellResume(
  outputDir: string,
  setting: RunConfig['resume'],
  key: ResumeKey,
): Promise<CodedMessage[]> {
  const stopped = await stoppedRunsOf(realPathOf(outputDir));
  const verdicts = await Promise.all(stopped.map((run) => judge(run, key, setting)));
  if (verdicts.some((verdict) => 'key' in verdict)) return [{ code: 'pipeline_plan_resumable', params: {} }];
  return verdicts.flatMap((verdict) => {
    if (!('why' in verdict)) return [];
    const { code, params } = verdict.why;
    return { code, params: { ...params, anew: setting === 'force' ? 'no' : 'yes' } };
  });
}

type Verdict = { readonly key: ResumeKey } | { readonly why: CodedMessage };

/** Another backend gives other last digits, so that only `force` goes on with it. */
async function judge(run: RunRecord, key: ResumeKey, setting: RunConfig['resume']): Promise<Verdict> {
  if (setting === 'off') return { why: { code: 'pipeline_resume_off', params: {} } };
  const then = await readKey(run);
  if (!then) return { why: { code: 'pipeline_resume_unreadable', params: {} } };
  const why = misfit(then, key);
  if (why) return { why };
  if (then.backend === key.backend || setting === 'force') return { key: then };
  return { why: { code: 'pipeline_resume_backend', params: { then: then.backend, now: key.backend } } };
}

/** The key of a stopped run; undefined when it was killed before it had written one, or something else is wrong with it. */
async function readKey(run: RunRecord): Promise<ResumeKey | undefined> {
  const state = [...run.artifacts.values()].find(({ kind }) => kind === 'resume_state_dir');
  if (!state) return undefined;
  try {
    return JSON.parse(await readFile(path.join(state.path, KEY_FILE), 'utf8')) as ResumeKey;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

async function writeKey(file: string, key: ResumeKey): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(JSON.stringify(key));
    await handle.sync();
  } finally {
    await handle.close();
  }
}
