// The side of a workspace that lets a run go on where an earlier one of the same output folder was stopped or killed: what
// that one left is taken over or removed, and what this one would leave is marked.
import path from 'node:path';
import { sidecarPathOf } from './artifact-kinds.js';
import { journalCopiesOf, unlinkIfThere, type ArtifactRecord } from './journal/journal.js';
import type { Memmap } from './memmap.js';
import { MemmapError, memmapName, type MemmapSpec } from './memmap-spec.js';
import { identify, isMissing } from './paths.js';
import type { RunRecord } from './journal/read-journals.js';
import { shortRunId } from './journal/run-id.js';
import { stoppedRunsOf, type RunState } from './run-state.js';
import type { TeardownReport } from './teardown/teardown-report.js';

interface ResumeHost {
  readonly state: RunState;
  readonly makeStateDir: (name: string) => Promise<string>;
  readonly tell: (record: ArtifactRecord) => Promise<void>;
  readonly forget: (at: string) => Promise<void>;
  readonly createMemmap: (spec: MemmapSpec) => Promise<Memmap>;
  readonly openMemmap: (at: string) => Promise<Memmap>;
}

/** End of an array's name: the short id of the run that made it. */
const RUN_SUFFIX = /_[0-9a-f]{8}\.dat$/;

/** See `Workspace.resume`. */
export class ResumeSide {
  #stateDir: Promise<string> | null = null;
  /** Arrays of a stopped run that nobody has asked for yet. */
  readonly #arrays = new Set<string>();

  constructor(private readonly host: ResumeHost) {}

  /** The folder of what a resume reads, `zemosaic_state_<run>/` in the output folder: the adopted one, or this run's own. */
  stateDir(): Promise<string> {
    return (this.#stateDir ??= this.host.makeStateDir(`zemosaic_state_${shortRunId(this.host.state.runId)}`));
  }

  /** Runs of this output folder that were stopped or killed and could go on, the latest first. */
  stoppedRuns(): Promise<RunRecord[]> {
    return stoppedRunsOf(this.host.state.places.outputDir);
  }

  /**
   * Takes over everything that a stopped run has left; it is this run's from now on. Its state is told of last and its journal
   * goes after that, so that whoever is killed in between leaves one whole owner.
   */
  async adopt(run: RunRecord): Promise<void> {
    const isState = ({ kind }: ArtifactRecord): boolean => kind === 'resume_state_dir';
    const artifacts = [...run.artifacts.values()].sort((a, b) => Number(isState(a)) - Number(isState(b)));
    for (const artifact of artifacts) {
      if (identify(artifact.path) === null) continue;
      await this.host.tell(artifact);
      if (artifact.kind === 'memmap') this.#arrays.add(artifact.path);
      if (isState(artifact)) this.#stateDir = Promise.resolve(artifact.path);
    }
    const mine = await this.stateDir();
    // One that was killed while it took these over has told of the same state.
    for (const former of await this.stoppedRuns()) {
      if (!former.artifacts.has(mine)) continue;
      for (const file of journalCopiesOf(former.header)) await unlinkIfThere(file);
    }
  }

  /** Removes what a stopped run has kept (unless the switch is off): this one does not go on for it. */
  supersede(run: RunRecord): Promise<TeardownReport> {
    return this.host.state.supersede(run);
  }

  /** What ended this run would end a resume of it, too: nothing is kept for one. */
  notWorthIt(): void {
    this.host.state.worthResuming = false;
  }

  /** The array of `spec` that a stopped run has left, or a new one. One that cannot be used is removed. */
  async memmap(spec: MemmapSpec): Promise<Memmap> {
    const stem = (name: string): string => path.basename(name).replace(RUN_SUFFIX, '');
    const wanted = stem(memmapName(spec, this.host.state.runId));
    for (const at of [...this.#arrays].filter((array) => stem(array) === wanted)) {
      this.#arrays.delete(at);
      try {
        return await this.host.openMemmap(at);
      } catch (error) {
        // Its run was killed between making the file and giving it its shape.
        if (!(error instanceof MemmapError) && !isMissing(error)) throw error;
        for (const file of [sidecarPathOf(at), at]) {
          await unlinkIfThere(file);
          if (this.host.state.artifacts.has(file)) await this.host.forget(file);
        }
      }
    }
    return this.host.createMemmap(spec);
  }
}
