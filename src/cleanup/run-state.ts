// The life of a run as the disk knows it: lock, journal and heartbeat while it lives; teardown, last word in the
// journal and free folder when it ends.
import { utimes } from 'node:fs/promises';
import { CodedError, isDiskFull } from '../errors.js';
import { DiskReserve } from './disk-reserve.js';
import { diskSpaceError, freeBytesOf } from './disk-space.js';
import { DirectoryError, ensureDir, missingFolders, removeEmpty } from './ensure-dir.js';
import { guardOf } from './teardown/guard.js';
import { kindRow } from './artifact-kinds.js';
import {
  journalPathIn,
  registerDirOf,
  registerPathOf,
  RunJournal,
  type ArtifactRecord,
  type RunHeader,
  type RunOutcome,
} from './journal/journal.js';
import { OutputLock } from './journal/output-lock.js';
import { identify, realPathOf, systemCode } from './paths.js';
import { planTeardown, type TeardownAction, type TeardownPlan } from './teardown/plan-teardown.js';
import { HEARTBEAT_MS, thisProcess } from './journal/process-identity.js';
import { asDead, readRuns, type RunRecord } from './journal/read-journals.js';
import { newRunId, shortRunId } from './journal/run-id.js';
import { scanForTeardown } from './teardown/scan-for-teardown.js';
import { forgetDeadRuns, removeDeadRuns } from './stale-runs.js';
import type { TeardownFacts } from './teardown/teardown-facts.js';
import type { TeardownFs } from './teardown/teardown-fs.js';
import type { TeardownPolicy } from './teardown-policy.js';
import type { FailedRemoval, TeardownReport } from './teardown/teardown-report.js';
import { runTeardown } from './teardown/teardown.js';
import { resolvePlaces, type WorkspaceOptions, type WorkspacePlaces } from './workspace-options.js';

/** What `Workspace` writes into and what `finish` reads. */
export interface RunState {
  readonly runId: string;
  readonly places: WorkspacePlaces;
  readonly policy: TeardownPolicy;
  readonly journal: RunJournal;
  readonly inputPaths: Set<string>;
  readonly outputs: Set<string>;
  readonly artifacts: Map<string, ArtifactRecord>;
  readonly startReport: TeardownReport;
  /** False from when on a resume would only meet the same end again: then nothing is kept for one. */
  worthResuming: boolean;
  /** Removes what the stopped `run` kept (unless the switch is off): this run does not go on for it. */
  supersede(run: RunRecord): Promise<TeardownReport>;
  /** From now on the run's end removes nothing, as with the switch off. */
  keepArtifacts(): void;
  finish(outcome: RunOutcome): Promise<TeardownReport>;
}

/** Takes the folder, opens the journal, clears dead runs away; see `openWorkspace`. */
export async function openRunState(options: WorkspaceOptions, fs: TeardownFs): Promise<RunState> {
  const runId = newRunId();
  await ensureDir(options.outputDir, 'output_dir');
  const places = resolvePlaces(options, shortRunId(runId));
  const { outputDir, memmapDir, runtimeTempDir } = places;
  const me = { ...thisProcess(), runId, startedAt: new Date().toISOString() };
  const lock = await writing(outputDir, () => OutputLock.acquire(outputDir, me));
  let journal: RunJournal | null = null;
  let reserve: DiskReserve | null = null;
  try {
    const registerDir = registerDirOf(runtimeTempDir);
    const createdDirs = [
      ...(memmapDir === null ? [] : await missingFolders(memmapDir)),
      ...(await missingFolders(registerDir)),
      // Whoever comes after a run that did not end by itself has that one's folders to clear away, too.
      ...(await pastRunsOf(outputDir)).flatMap(({ header }) => header.createdDirs),
    ];
    const { policy } = options;
    const inputPaths = options.inputPaths.map((given) => realPathOf(given));
    const header: RunHeader = {
      record: 'run',
      version: 1,
      ...me,
      outputDir,
      memmapDir,
      runtimeTempDir,
      inputPaths,
      createdDirs,
      policy,
      resume: options.resume ?? false,
    };
    journal = await writing(outputDir, () => RunJournal.create(journalPathIn(outputDir, runId), header));
    const opened = journal;
    await ensureDir(runtimeTempDir, 'runtime_temp_dir', true);
    await ensureDir(registerDir, 'runtime_temp_dir', true);
    await writing(registerDir, () => opened.addCopy(registerPathOf(runtimeTempDir, runId)));
    if (memmapDir !== null) {
      await ensureDir(memmapDir, 'coadd_memmap_dir');
      await writing(memmapDir, () => opened.addCopy(journalPathIn(memmapDir, runId)));
    }
    reserve = await writing(outputDir, () => DiskReserve.take(outputDir));
    const run = new RunLife({ options, places, policy, journal, lock, reserve, fs });
    await run.begin();
    return run;
  } catch (error) {
    await reserve?.release();
    const createdDirs = journal?.header.createdDirs ?? [];
    await journal?.remove(() => removeEmpty(createdDirs));
    await lock.release();
    throw error;
  }
}

/** Runs of an output folder that were stopped or killed and could go on, the latest first. */
export async function stoppedRunsOf(outputDir: string): Promise<RunRecord[]> {
  return (await pastRunsOf(outputDir)).filter(({ resumable }) => resumable).reverse();
}

/** Short ids of the runs that are at work in an output folder. */
export async function liveRunsOf(outputDir: string): Promise<ReadonlySet<string>> {
  const runs = await readRuns([outputDir]);
  return new Set(runs.filter(({ live }) => live).map(({ header }) => shortRunId(header.runId)));
}

async function pastRunsOf(outputDir: string): Promise<RunRecord[]> {
  const runs = await readRuns([outputDir]);
  return runs.filter((run) => run.trusted && !run.live && run.header.outputDir === outputDir);
}

/** Marks a file of the run as alive; false when that was not possible, which the next beat tries again. */
function touch(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => false,
  );
}

/** Turns what the disk says while the run's own records are made into an error that names the folder. */
async function writing<T>(dir: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = systemCode(error);
    if (code === '' || error instanceof CodedError) throw error;
    if (isDiskFull(error)) throw diskSpaceError(dir, 0, await freeBytesOf(dir), error);
    throw new DirectoryError(
      'cleanup_directory_unusable',
      { directory: dir, setting: 'output_dir', code },
      { cause: error },
    );
  }
}

interface RunParts {
  readonly options: WorkspaceOptions;
  readonly places: WorkspacePlaces;
  readonly policy: TeardownPolicy;
  readonly journal: RunJournal;
  readonly lock: OutputLock;
  readonly reserve: DiskReserve;
  readonly fs: TeardownFs;
}

class RunLife implements RunState {
  readonly inputPaths: Set<string>;
  readonly outputs = new Set<string>();
  readonly artifacts = new Map<string, ArtifactRecord>();
  worthResuming = true;
  startReport: TeardownReport = { removed: [], kept: [], refused: [], failed: [] };
  #keep = false;
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(private readonly parts: RunParts) {
    // As given: of an input that is a link, the link is guarded beside what it leads to.
    this.inputPaths = new Set(parts.options.inputPaths);
  }

  get runId(): string {
    return this.journal.header.runId;
  }

  get places(): WorkspacePlaces {
    return this.parts.places;
  }

  get policy(): TeardownPolicy {
    return this.#keep ? { ...this.parts.policy, cleanupTempArtifacts: false } : this.parts.policy;
  }

  keepArtifacts(): void {
    this.#keep = true;
  }

  get journal(): RunJournal {
    return this.parts.journal;
  }

  async begin(): Promise<void> {
    this.startReport = await this.#removeDead(await this.#others());
    const files = [...this.journal.files, this.parts.lock.path];
    this.#heartbeat = setInterval(() => files.forEach((file) => void touch(file)), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  async supersede(run: RunRecord): Promise<TeardownReport> {
    const { runId } = run.header;
    const others = await this.#others();
    return this.#removeDead(others.map((other) => (other.header.runId === runId ? asDead(other) : other)));
  }

  async #removeDead(others: readonly RunRecord[]): Promise<TeardownReport> {
    const { places, policy, inputPaths } = this;
    if (!policy.cleanupTempArtifacts) return { removed: [], kept: [], refused: [], failed: [] };
    return removeDeadRuns({ places, policy, inputPaths, others }, this.parts.fs);
  }

  async finish(outcome: RunOutcome): Promise<TeardownReport> {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    const failed: FailedRemoval[] = [];
    /** A step of the end; what goes wrong in it is told and does not keep the later steps from being done. */
    const step = async <T>(at: string, work: () => Promise<T>): Promise<T | null> => {
      try {
        return await work();
      } catch (error) {
        failed.push({
          path: at,
          reason: 'cleanup_reason_system_refused',
          code: systemCode(error) || String(error),
        });
        return null;
      }
    };
    const { outputDir } = this.places;
    await step(outputDir, () => this.parts.reserve.release());
    const done = await step(outputDir, async () => {
      const others = await this.#others();
      const plan = planTeardown(await this.#facts(outcome, others));
      const report = await runTeardown(plan, this.parts.fs);
      return { others, plan, report };
    });
    if (done !== null && this.policy.cleanupTempArtifacts)
      await step(outputDir, () => forgetDeadRuns(done.others));
    await step(outputDir, () => this.#lastWord(outcome, done?.plan ?? null));
    await step(outputDir, () => this.parts.lock.release());
    const report = done?.report ?? { removed: [], kept: [], refused: [], failed: [] };
    return { ...report, failed: [...report.failed, ...failed] };
  }

  async #facts(outcome: RunOutcome, others: readonly RunRecord[]): Promise<TeardownFacts> {
    const { places, policy, artifacts } = this;
    const guarded = await guardOf(this.inputPaths, this.outputs, [places.outputDir], others);
    const candidates = await scanForTeardown({
      places,
      planPath: places.planPath,
      own: { artifacts: artifacts.values(), cacheRetention: policy.cacheRetention },
      others,
      wanted: (_run, _path, state) => state === 'dead',
      wary: false,
    });
    const resume = this.#resume;
    return { scope: 'run', policy, outcome, resume, places, guarded, candidates };
  }

  /** Closes the journal: deleted with the folders made for it when nothing of the run is left, ended with the list of what stays otherwise. */
  async #lastWord(outcome: RunOutcome, plan: TeardownPlan | null): Promise<void> {
    const paths = (action: TeardownAction): Set<string> =>
      new Set(plan?.items.filter((item) => item.own && item.action === action).map((item) => item.path));
    const [kept, refused] = [paths('keep'), paths('refuse')];
    const left: string[] = [];
    for (const { path: at, kind } of this.artifacts.values()) {
      // What turned out to be a person's, or a folder with their own files in it, has been told of and is theirs.
      const matters = kept.has(at) || (kindRow(kind).form !== 'shell' && !refused.has(at));
      if (matters && identify(at) !== null) left.push(at);
    }
    const clearFolders = () =>
      removeEmpty([...this.journal.header.createdDirs, registerDirOf(this.places.runtimeTempDir)]);
    if (left.length === 0) return this.journal.remove(clearFolders);
    const resumable = this.#resume && outcome !== 'success';
    await this.journal.append({
      record: 'ended',
      outcome,
      kept: left.filter((at) => kept.has(at)),
      resumable,
    });
    await this.journal.close();
    await clearFolders();
  }

  get #resume(): boolean {
    return (this.parts.options.resume ?? false) && this.worthResuming;
  }

  async #others(): Promise<RunRecord[]> {
    const { outputDir, memmapDir, runtimeTempDir } = this.places;
    const folders = [registerDirOf(runtimeTempDir), outputDir, ...(memmapDir === null ? [] : [memmapDir])];
    return (await readRuns(folders)).filter((run) => run.header.runId !== this.runId);
  }
}
