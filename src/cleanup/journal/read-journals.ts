// Finds and reads the journals of other runs. What stands in a journal is believed only as far as its file can be
// trusted; a torn last line (its writer was killed) is no fault.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isArtifactKind, kindRow } from '../artifact-kinds.js';
import { isTrustedOwner, type ArtifactRecord, type JournalRecord, type RunHeader } from './journal.js';
import { identify, isMissing, isSameOrInside, systemCode } from '../paths.js';
import { isProcessLive } from './process-identity.js';
import { RUN_ID } from './run-id.js';

/** Whose an artefact is, of a run that is not this one. */
export type OwnerState = 'live' | 'resumable' | 'kept' | 'dead';

/** A run as its journals tell it. */
export interface RunRecord {
  readonly header: RunHeader;
  readonly artifacts: ReadonlyMap<string, ArtifactRecord>;
  readonly outputs: ReadonlySet<string>;
  readonly ended: boolean;
  readonly resumable: boolean;
  /** It was stopped and could have been gone on with, had nobody deleted its state. */
  readonly abandoned: boolean;
  readonly kept: ReadonlySet<string>;
  readonly live: boolean;
  /** False when somebody else could have written the journal: then it protects, and removes nothing. */
  readonly trusted: boolean;
}

/** Whose `artifactPath` of this run is now; a folder is kept as long as something in it is. */
export function ownerStateOf(run: RunRecord, artifactPath: string): OwnerState {
  if (run.live) return 'live';
  const kind = run.artifacts.get(artifactPath)?.kind;
  const isFolder = kind !== undefined && kindRow(kind).form !== 'file';
  const isKept =
    run.kept.has(artifactPath) ||
    (isFolder && [...run.kept].some((kept) => isSameOrInside(kept, artifactPath)));
  // Of a run that was killed, what a resume would need waits for it like what a stopped run has kept.
  if (!run.ended)
    return run.resumable && run.artifacts.get(artifactPath)?.neededForResume ? 'resumable' : 'dead';
  if (!isKept) return 'dead';
  if (run.resumable) return 'resumable';
  return run.abandoned && wasKeptForResume(run, artifactPath) ? 'dead' : 'kept';
}

/** Not by rule as well: then it is the user's to remove. */
function wasKeptForResume({ header: { policy }, artifacts }: RunRecord, artifactPath: string): boolean {
  const artifact = artifacts.get(artifactPath);
  if (!artifact?.neededForResume || !policy.cleanupTempArtifacts) return false;
  const isArray = artifact.kind === 'memmap' || artifact.kind === 'memmap_sidecar';
  return !isArray || (policy.coaddUseMemmap && policy.coaddCleanupMemmap);
}

/** The run as one that nobody will go on with, though it may have kept things for that. */
export function asDead(run: RunRecord): RunRecord {
  return { ...run, ended: false, resumable: false, abandoned: false, kept: new Set() };
}

/** All runs with a journal in one of `folders` (output and memmap folders, registers), by run id, oldest first. */
export async function readRuns(folders: Iterable<string>): Promise<RunRecord[]> {
  const runs = new Map<string, MutableRun>();
  for (const folder of new Set(folders)) {
    for (const name of await namesIn(folder)) {
      const runId = /^(?:\.zemosaic-run-)?(.+)\.journal$/.exec(name)?.[1] ?? '';
      if (!RUN_ID.test(runId)) continue;
      readInto(runs, runId, path.join(folder, name));
    }
  }
  const now = Date.now();
  const sorted = [...runs.values()].sort((a, b) => (a.header.runId < b.header.runId ? -1 : 1));
  return sorted.map((run) => ({
    ...run,
    resumable: isResumable(run),
    abandoned: run.ended && run.resumable && !isResumable(run),
    live: !run.ended && isProcessLive(run.header, now - run.heartbeatMs),
  }));
}

/** Whoever deletes the record of what was done (or the output folder with it) has no use for the rest. */
function isResumable({ artifacts, ended, resumable, header }: MutableRun): boolean {
  if (ended ? !resumable : header.resume !== true) return false;
  const states = [...artifacts.values()].filter(({ kind }) => kind === 'resume_state_dir');
  return states.every((state) => identify(state.path) !== null) && (ended || states.length > 0);
}

/** The names in a folder; none when there is no such folder or it may not be read. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error) || ['EACCES', 'EPERM'].includes(systemCode(error))) return [];
    throw error;
  }
}

interface MutableRun {
  header: RunHeader;
  artifacts: Map<string, ArtifactRecord>;
  outputs: Set<string>;
  kept: Set<string>;
  ended: boolean;
  resumable: boolean;
  trusted: boolean;
  heartbeatMs: number;
}

/** A journal longer than this was not written by us: a run has thousands of artefacts at most, of some 300 bytes. */
const LONGEST_JOURNAL_BYTES = 64 * 1024 * 1024;

function readInto(runs: Map<string, MutableRun>, runId: string, file: string): void {
  const found = readJournal(file);
  if (found === null) return;
  const header = found.records.find((record) => record.record === 'run');
  if (header?.runId !== runId) return;
  let run = runs.get(runId);
  if (run !== undefined && run.trusted && !found.trusted) return;
  if (run === undefined || (!run.trusted && found.trusted)) {
    run = {
      header,
      artifacts: new Map(),
      outputs: new Set(),
      kept: new Set(),
      ended: false,
      resumable: false,
      trusted: found.trusted,
      heartbeatMs: 0,
    };
    runs.set(runId, run);
  }
  run.heartbeatMs = Math.max(run.heartbeatMs, found.heartbeatMs);
  for (const record of found.records) apply(run, record);
}

function apply(run: MutableRun, record: JournalRecord): void {
  switch (record.record) {
    case 'run':
      return;
    case 'artifact':
      run.artifacts.set(record.path, record);
      return;
    case 'removed':
      run.artifacts.delete(record.path);
      return;
    case 'output':
      run.outputs.add(record.path);
      return;
    case 'ended':
      run.ended = true;
      run.resumable = record.resumable;
      for (const kept of record.kept) run.kept.add(kept);
  }
}

/**
 * A journal by name, read at once: where runs were killed some hundred short ones lie about, each read three times, and a call that waits for another thread takes ten
 * times as long.
 */
function readJournal(
  file: string,
): { records: JournalRecord[]; trusted: boolean; heartbeatMs: number } | null {
  let opened: number;
  try {
    // Of a pipe under such a name nobody would write the other end.
    opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // Gone since the listing, a link, a socket, or not readable for us: no journal.
    const refused = ['ELOOP', 'EACCES', 'EPERM', 'EMLINK', 'ENXIO'];
    if (isMissing(error) || refused.includes(systemCode(error))) return null;
    throw error;
  }
  try {
    const stats = fstatSync(opened);
    if (!stats.isFile() || stats.size > LONGEST_JOURNAL_BYTES) return null;
    const records = readFileSync(opened, 'utf8').split('\n').flatMap(parseLine);
    return { records, trusted: isTrustedOwner(stats), heartbeatMs: stats.mtimeMs };
  } finally {
    closeSync(opened);
  }
}

/** The record of a line, or none when the line is torn or is not what this program writes. */
function parseLine(line: string): JournalRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  return isRecord(value) ? [value] : [];
}

function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  switch (record.record) {
    case 'run':
      return (
        record.version === 1 &&
        typeof record.runId === 'string' &&
        Number.isInteger(record.pid) &&
        typeof record.machine === 'string' &&
        (record.processStart === null || typeof record.processStart === 'string') &&
        typeof record.startedAt === 'string' &&
        isPath(record.outputDir) &&
        (record.memmapDir === null || isPath(record.memmapDir)) &&
        isPath(record.runtimeTempDir) &&
        Array.isArray(record.inputPaths) &&
        record.inputPaths.every(isPath) &&
        Array.isArray(record.createdDirs) &&
        record.createdDirs.every(isPath) &&
        typeof record.policy === 'object' &&
        record.policy !== null
      );
    case 'artifact':
      return (
        isPath(record.path) &&
        isArtifactKind(record.kind) &&
        typeof record.meaning === 'string' &&
        kindRow(record.kind).name.test(path.basename(record.path))
      );
    case 'removed':
    case 'output':
      return isPath(record.path);
    case 'ended':
      return Array.isArray(record.kept) && record.kept.every(isPath) && typeof record.resumable === 'boolean';
    default:
      return false;
  }
}

/** Absolute and free of `..`: a journal never holds another form. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && path.isAbsolute(value) && path.normalize(value) === value;
}
