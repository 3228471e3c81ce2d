// The one door to everything temporary: what a run makes besides its outputs is made here, told to the journal
// before it exists, and judged by the teardown when the run ends, however it ends.
import { randomUUID } from 'node:crypto';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { kindRow, sidecarPathOf, type ArtifactKind } from './artifact-kinds.js';
import { ArtifactMaker, WorkspaceError, type ArtifactOptions } from './artifact-maker.js';
import { requireDiskSpace } from './disk-space.js';
import { FrameCache } from './frame-cache.js';
import { guardOf } from './teardown/guard.js';
import { unlinkIfThere, type RunOutcome } from './journal/journal.js';
import { Memmap } from './memmap.js';
import { memmapBytes, MemmapError, memmapName, sidecarOf, type MemmapSpec } from './memmap-spec.js';
import { OutputInProgress } from './output-in-progress.js';
import { identify, isSameOrInside, realEntryPath, realPathOf } from './paths.js';
import { removeTree } from './teardown/remove-tree.js';
import { ResumeSide } from './resume-side.js';
import { shortRunId } from './journal/run-id.js';
import { openRunState, type RunState } from './run-state.js';
import { planFilesOf } from './teardown/scan-for-teardown.js';
import { nodeFs, type TeardownFs } from './teardown/teardown-fs.js';
import type { TeardownReport } from './teardown/teardown-report.js';
import type { WorkspaceOptions, WorkspacePlaces } from './workspace-options.js';

/**
 * Begins a run in its output folder: takes the folder's lock, opens the journal, and removes what dead runs left
 * (unless the switch is off). Throws `OutputFolderInUseError`, `DirectoryError` or `DiskSpaceError`; nothing is
 * left behind then but folders.
 */
export async function openWorkspace(options: WorkspaceOptions, fs: TeardownFs = nodeFs): Promise<Workspace> {
  const state = await openRunState(options, fs);
  return new Workspace(state);
}

/** The temporary side of one run. */
export class Workspace {
  /** Preprocessed frames, under `cache_retention`. */
  readonly cache: FrameCache;
  /** What a stopped run has left for this one, and what this one leaves should it be stopped. */
  readonly resume: ResumeSide;
  readonly #state: RunState;
  readonly #maker: ArtifactMaker;
  readonly #memmaps = new Set<Memmap>();
  readonly #whole = new Set<Memmap>();
  readonly #workFolders = new Map<string, Promise<string>>();
  #mosaicFirst: Promise<string> | null = null;
  #plan: Promise<{ fits: string; json: string }> | null = null;
  #finished: Promise<TeardownReport> | null = null;

  /** Use `openWorkspace`. */
  constructor(state: RunState) {
    this.#state = state;
    this.#maker = new ArtifactMaker(state);
    this.cache = new FrameCache({
      retention: state.policy.cacheRetention,
      makeDir: () => this.#maker.shell('frame_cache_dir', this.places.cacheDir),
      makeFile: (dir, name) => this.reserveFile('frame_cache_entry', name, { dir }),
      forget: (file) => this.#maker.forget(file),
    });
    this.resume = new ResumeSide({
      state,
      makeStateDir: (name) =>
        this.#maker.tree('resume_state_dir', name, { dir: this.places.outputDir, neededForResume: true }),
      tell: (record) => this.#maker.tell(record.kind, record.path, record, record.adopted),
      forget: (file) => this.#maker.forget(file),
      createMemmap: (spec) => this.createMemmap(spec, { neededForResume: true }),
      openMemmap: (at) => this.#openMemmap(at),
    });
  }

  get runId(): string {
    return this.#state.runId;
  }

  /** Real paths of the run's folders. */
  get places(): WorkspacePlaces {
    return this.#state.places;
  }

  /** Where memmaps and work folders stand: the memmap directory, or the output folder when none is set or used. */
  get workDir(): string {
    const { memmapDir, outputDir } = this.places;
    return this.#state.policy.coaddUseMemmap ? (memmapDir ?? outputDir) : outputDir;
  }

  /** What was removed of dead runs when this one began. */
  get startReport(): TeardownReport {
    return this.#state.startReport;
  }

  /** Adds inputs found later (the frames themselves, targets of links): the teardown will not touch them. */
  guardInputs(paths: Iterable<string>): void {
    for (const given of paths) this.#state.inputPaths.add(given);
  }

  /** `mosaic_first_<uuid>/`, the work folder of a mosaic-first run; one per run. */
  mosaicFirstDir(): Promise<string> {
    return (this.#mosaicFirst ??= this.#maker.tree('mosaic_first_dir', `mosaic_first_${randomUUID()}`, {
      dir: this.workDir,
    }));
  }

  /** Removes the arrays of a plan that has come to nothing, and its work folder unless the switch is off; the next one is another folder. */
  async leavePlan(): Promise<void> {
    for (const memmap of [...this.#memmaps, ...this.#whole]) await this.removeMemmap(memmap);
    const dir = await this.#mosaicFirst;
    this.#mosaicFirst = null;
    const identity = dir && identify(dir);
    if (!dir || !identity || this.keepsArtifacts) return;
    // what should be asked before anything of a person's could go the teardown asks
    const { inputFiles, inputDirs, outputs } = await guardOf(
      this.#state.inputPaths,
      this.#state.outputs,
      [],
      [],
    );
    const holds = (at: string) => isSameOrInside(at, dir);
    if ([...inputFiles, ...inputDirs, ...outputs].some(holds) || realEntryPath(dir) !== dir) return;
    await removeTree(nodeFs, dir, identity, new Set());
    // what could not be removed the teardown tries again, and tells of
    for (const at of [...this.#state.artifacts.keys()])
      if (isSameOrInside(at, dir) && identify(at) === null) await this.#maker.forget(at);
  }

  /** A work folder for a purpose, `zemosaic_work_<purpose>_<run>/`; one per run, however often it is asked for. */
  workFolder(purpose: string): Promise<string> {
    const made =
      this.#workFolders.get(purpose) ??
      this.#maker.tree('work_dir', `zemosaic_work_${purpose}_${shortRunId(this.runId)}`, {
        dir: this.workDir,
      });
    this.#workFolders.set(purpose, made);
    return made;
  }

  /** `temp_master_tile_storage_dir`, made if need be. Files in it must be reserved as `master_tile`. */
  masterTileDir(): Promise<string> {
    return this.#maker.shell('master_tile_dir', this.places.masterTileDir);
  }

  /** `sds_runtime_tile_dir`, made if need be. Files in it must be reserved as `sds_tile`. */
  sdsTileDir(): Promise<string> {
    return this.#maker.shell('sds_tile_dir', this.places.sdsTileDir);
  }

  /** The pair of files of the global WCS plan, empty; a name that is taken gets the run's id. */
  reserveGlobalWcsPlan(): Promise<{ fits: string; json: string }> {
    return (this.#plan ??= this.#reservePlan());
  }

  /**
   * Makes an empty file that the run may fill. Throws `WorkspaceError` when the name is taken or is not one of
   * the kind's (see `artifact-kinds`).
   */
  reserveFile(kind: ArtifactKind, name: string, options: ArtifactOptions = {}): Promise<string> {
    return this.#maker.file(kind, name, { ...options, dir: options.dir ?? this.workDir });
  }

  /**
   * A new array on the disk, all zero, with its sidecar; sparse, but refused with `DiskSpaceError` when the disk
   * could not take it whole beside what this run has already spoken for. Throws `MemmapError` when memmaps are off.
   */
  async createMemmap(spec: MemmapSpec, options: ArtifactOptions = {}): Promise<Memmap> {
    const name = memmapName(spec, this.runId);
    if (!this.#state.policy.coaddUseMemmap) throw new MemmapError('cleanup_memmap_off', { name });
    const dir = options.dir === undefined ? this.workDir : realPathOf(options.dir);
    const bytes = memmapBytes(spec);
    await this.requireSpace(dir, bytes);
    const meaning = spec.meaning ?? kindRow('memmap').meaning;
    const datPath = await this.reserveFile('memmap', name, { ...options, dir, meaning });
    const sidecarPath = await this.reserveFile('memmap_sidecar', sidecarPathOf(name), { ...options, dir });
    try {
      const sidecar = sidecarOf(spec, meaning, this.runId, new Date().toISOString());
      await writeFile(sidecarPath, `${JSON.stringify(sidecar, null, 2)}\n`);
      await truncate(datPath, bytes);
    } catch (error) {
      throw await this.#maker.diskError(error, dir, bytes);
    }
    return this.#openMemmap(datPath);
  }

  /** Closes an array that is written whole and that this run does not read: it stays where it is until the end of the run, or of its plan. */
  async leaveMemmap(memmap: Memmap): Promise<void> {
    await memmap.close();
    this.#memmaps.delete(memmap);
    this.#whole.add(memmap);
  }

  /** Removes an array that nobody needs any more, before the run ends. */
  async removeMemmap(memmap: Memmap): Promise<void> {
    await memmap.close();
    this.#memmaps.delete(memmap);
    this.#whole.delete(memmap);
    for (const file of [sidecarPathOf(memmap.path), memmap.path]) {
      await unlinkIfThere(file);
      await this.#maker.forget(file);
    }
  }

  /** Throws `DiskSpaceError` when `bytes` do not fit the disk of `dir` beside the memmaps that are not filled yet. */
  async requireSpace(dir: string, bytes: number): Promise<void> {
    const disk = identify(dir)?.dev;
    let promised = 0;
    for (const memmap of this.#memmaps) {
      if (identify(memmap.path)?.dev === disk) promised += await memmap.promisedBytes();
    }
    await requireDiskSpace(dir, bytes, promised);
  }

  /**
   * Begins a final output, which its writer makes under a temporary name beside its place and renames;
   * `committed()` ends it. Throws when it would replace an input. A `tree` is a folder of files.
   */
  async beginOutput(finalPath: string, form: 'file' | 'tree' = 'file'): Promise<OutputInProgress> {
    const target = realEntryPath(finalPath);
    if (identify(target) !== null) {
      const inputs = (await guardOf(this.#state.inputPaths, [], [], [])).inputFiles;
      if (inputs.includes(target) || inputs.includes(realPathOf(target))) {
        throw new WorkspaceError('cleanup_output_is_input', { path: target });
      }
    }
    const name = `.${path.basename(target)}.${shortRunId(this.runId)}.part`;
    const temporary = path.join(path.dirname(target), name);
    const kind = form === 'tree' ? 'output_tree_in_progress' : 'output_in_progress';
    await this.#maker.create(kind, temporary, {}, () => Promise.resolve());
    const done = () => this.#maker.forget(temporary);
    return new OutputInProgress(
      temporary,
      target,
      async () => {
        await this.registerOutput(target);
        await done();
      },
      done,
    );
  }

  /** Tells of a final product (mosaic, preview, log, report): no teardown removes it or a folder that holds it. */
  async registerOutput(finalPath: string): Promise<void> {
    const at = realEntryPath(finalPath);
    this.#state.outputs.add(at);
    await this.#state.journal.append({ record: 'output', path: at });
  }

  /** The run's end is to remove nothing, as if the switch were off: who stops it wants to look at what it made. */
  keepArtifacts(): void {
    this.#state.keepArtifacts();
  }

  /** True where the run's end removes nothing: the switch is off, or who stops it wants to look. */
  get keepsArtifacts(): boolean {
    return !this.#state.policy.cleanupTempArtifacts;
  }

  /**
   * Ends the run: closes the memmaps, tears down by the rules, gives the folder free. Never throws for what the
   * disk says; a second call returns the first one's report.
   */
  finish(outcome: RunOutcome): Promise<TeardownReport> {
    return (this.#finished ??= (async () => {
      this.#maker.close();
      for (const memmap of this.#memmaps) await memmap.close();
      return this.#state.finish(outcome);
    })());
  }

  /** Work that goes on after the end of its run, whose grace is over, is left with no open file. */
  async #openMemmap(at: string): Promise<Memmap> {
    const memmap = await Memmap.open(at, 'r+');
    if (this.#maker.isClosed) {
      await memmap.close();
      throw new WorkspaceError('cleanup_workspace_closed', { path: at });
    }
    this.#memmaps.add(memmap);
    return memmap;
  }

  async #reservePlan(): Promise<{ fits: string; json: string }> {
    const { dir, name, ext } = path.parse(this.places.planPath);
    const taken = planFilesOf(this.places.planPath).some((file) => identify(file) !== null);
    const stem = taken ? `${name}_${shortRunId(this.runId)}` : name;
    await mkdir(dir, { recursive: true });
    const [fits, json] = planFilesOf(path.join(dir, `${stem}${ext}`));
    for (const file of [fits, json]) await this.reserveFile('global_wcs_plan', path.basename(file), { dir });
    return { fits, json };
  }
}
