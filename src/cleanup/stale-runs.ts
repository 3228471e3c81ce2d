// What runs left behind that did not end by themselves, and, when a person asks, what finished ones kept.
import { FINAL_OUTPUT_NAME, kindRow } from './artifact-kinds.js';
import { DirectoryError, removeEmpty } from './ensure-dir.js';
import { guardOf } from './teardown/guard.js';
import { journalCopiesOf, registerDirOf, unlinkIfThere } from './journal/journal.js';
import { removeDeadLock } from './journal/output-lock.js';
import { identify, isSameOrInside, realPathOf } from './paths.js';
import { planTeardown } from './teardown/plan-teardown.js';
import { asDead, namesIn, ownerStateOf, readRuns, type RunRecord } from './journal/read-journals.js';
import { scanForTeardown } from './teardown/scan-for-teardown.js';
import { stopRequestPathOf } from './journal/stop-request.js';
import type { TeardownPlaces } from './teardown/teardown-facts.js';
import { nodeFs, type TeardownFs } from './teardown/teardown-fs.js';
import type { TeardownPolicy } from './teardown-policy.js';
import type { TeardownReport } from './teardown/teardown-report.js';
import { describePlan, runTeardown } from './teardown/teardown.js';
import { treesSetAside } from './teardown/trees-set-aside.js';
import { runtimeTempDirOf } from './workspace-options.js';

/** Removes what the journals of dead runs name, under the policy of the run that begins. */
export async function removeDeadRuns(
  request: {
    readonly places: TeardownPlaces & { readonly outputDir: string };
    readonly policy: TeardownPolicy;
    readonly inputPaths: Iterable<string>;
    readonly others: readonly RunRecord[];
  },
  fs: TeardownFs = nodeFs,
): Promise<TeardownReport> {
  const { places, policy, others } = request;
  const nowhere: TeardownPlaces = { outputDir: null, memmapDir: null, runtimeTempDir: null };
  const candidates = await scanForTeardown({
    places: nowhere, // names without a journal wait for the end of the run
    planPath: null,
    own: null,
    others,
    wanted: (_run, _path, state) => state === 'dead',
    wary: false,
  });
  const guarded = await guardOf(request.inputPaths, [], [places.outputDir], others);
  const facts = {
    scope: 'start',
    policy,
    outcome: 'success',
    resume: false,
    places,
    guarded,
    candidates,
  } as const;
  const report = await runTeardown(planTeardown(facts), fs);
  await forgetDeadRuns(others);
  return report;
}

/** How to clean. */
export interface CleanOptions {
  /** Say what would go, and remove nothing. */
  readonly dryRun: boolean;
  /** Also what stopped runs kept in order to go on. */
  readonly resumable?: boolean;
  /** As in the configuration; `''` is the default. */
  readonly runtimeTempDir: string;
  /** Whether a folder is a tree of tiles that this program has made. Without, none is known to be. */
  readonly isOwnTree?: (dir: string) => Promise<boolean>;
}

/**
 * `zemosaic clean DIR`: removes what dead runs left in or for `dir` and what finished runs kept there; never what
 * a live run owns. For a run whose output folder is `dir` or below it, its artefacts elsewhere count too. Throws
 * `DirectoryError` when `dir` is no folder.
 */
export async function cleanDirectory(
  dir: string,
  options: CleanOptions,
  fs: TeardownFs = nodeFs,
): Promise<TeardownReport> {
  const target = realPathOf(dir);
  if (identify(target)?.type !== 'directory') {
    throw new DirectoryError('cleanup_no_such_folder', { directory: target });
  }
  const runtimeTempDir = realPathOf(runtimeTempDirOf(options.runtimeTempDir));
  const runs = await readRuns([registerDirOf(runtimeTempDir), registerDirOf(target), target]);
  const others = options.resumable
    ? runs.map((run) => (run.resumable && !run.live ? asDead(run) : run))
    : runs;
  const concerns = (run: RunRecord): boolean => isSameOrInside(run.header.outputDir, target);
  const wanted = (run: RunRecord, artifactPath: string): boolean =>
    concerns(run) || isSameOrInside(artifactPath, target);

  // Only in the runtime temp directory are names beside `mosaic_first_` nobody's business.
  const isRuntime = target === runtimeTempDir;
  const places: TeardownPlaces = {
    outputDir: null,
    memmapDir: isRuntime ? null : target,
    runtimeTempDir: isRuntime ? target : null,
  };
  const isOutput = (await namesIn(target)).some((name) => FINAL_OUTPUT_NAME.test(name));
  const candidates = [
    ...(await scanForTeardown({ places, planPath: null, own: null, others, wanted, wary: true })),
    ...(await treesSetAside(others, wanted, options.isOwnTree ?? (() => Promise.resolve(false)))),
  ];
  const guarded = await guardOf([], [], isOutput ? [target] : [], others);
  const policy = {
    cleanupTempArtifacts: true,
    coaddUseMemmap: true,
    coaddCleanupMemmap: true,
    cacheRetention: 'run_end',
  } as const;
  const plan = planTeardown({
    scope: 'clean',
    policy,
    outcome: 'success',
    resume: false,
    places,
    guarded,
    candidates,
  });
  if (options.dryRun) return describePlan(plan, fs);

  const report = await runTeardown(plan, fs);
  await forgetRuns(others.filter((run) => !run.live));
  await removeDeadLock(target);
  return report;
}

/** Deletes the journals of runs that nobody will go on with and of which nothing is left, be it that a person has removed what they kept. */
export async function forgetDeadRuns(runs: readonly RunRecord[]): Promise<void> {
  await forgetRuns(runs.filter((run) => !run.live && !run.resumable));
}

async function forgetRuns(runs: readonly RunRecord[]): Promise<void> {
  for (const run of runs) {
    if (!run.trusted) continue;
    let left = 0;
    for (const [at, artifact] of run.artifacts) {
      const isOurs = kindRow(artifact.kind).form !== 'shell' || ownerStateOf(run, at) === 'kept';
      if (isOurs && identify(at) !== null) left++;
    }
    if (left > 0) continue;
    for (const file of [...journalCopiesOf(run.header), stopRequestPathOf(run.header)])
      await unlinkIfThere(file);
    await removeDeadLock(run.header.outputDir);
    await removeEmpty([...run.header.createdDirs, registerDirOf(run.header.runtimeTempDir)]);
  }
}
