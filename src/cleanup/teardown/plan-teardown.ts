// The decision: from the facts, for each candidate whether it goes, stays by rule, or is not touched because it may
// not be ours. Pure: nothing here looks at a disk or a clock. The rules are those of docs/teardown.md.
import path from 'node:path';
import { FINAL_OUTPUT_NAME, kindRow, WCS_PLAN_MARK, type ArtifactKind } from '../artifact-kinds.js';
import { isSameOrInside, type EntryIdentity } from '../paths.js';
import type { Candidate, Guarded, TeardownFacts } from './teardown-facts.js';

/** `remove`: goes. `keep`: stays by rule and is listed. `refuse`: not touched, because it may not be ours. */
export type TeardownAction = 'remove' | 'keep' | 'refuse';

/** One line of the plan. */
export interface PlannedItem {
  readonly path: string;
  readonly kind: ArtifactKind;
  readonly action: TeardownAction;
  /** Locale key. */
  readonly reason: string;
  /** Locale key. */
  readonly meaning: string;
  readonly identity: EntryIdentity;
  readonly adopted: boolean;
  /** It is the asking run's alone. */
  readonly own: boolean;
}

/** The plan, in the order of execution: files (a sidecar before its data), trees, then folders from the inside out. */
export interface TeardownPlan {
  readonly items: readonly PlannedItem[];
}

type Decision = readonly [TeardownAction, string];

/** Decides about every candidate. */
export function planTeardown(facts: TeardownFacts): TeardownPlan {
  const items = facts.candidates.map((candidate): PlannedItem => {
    const [action, reason] = decide(candidate, facts);
    const { path: at, kind, meaning, identity, adopted } = candidate;
    const own = candidate.owner?.state === 'own';
    return { path: at, kind, action, reason, meaning, identity, adopted, own };
  });
  return { items: items.sort(byExecution) };
}

function decide(candidate: Candidate, facts: TeardownFacts): Decision {
  return (
    wrongEntry(candidate) ??
    guardedBy(candidate, facts.guarded) ??
    ownedByOther(candidate, facts) ??
    onlyNamed(candidate, facts) ??
    byRule(candidate, facts)
  );
}

/** A link is never ours: nothing here makes links, and following one may lead anywhere. */
function wrongEntry({ identity, kind }: Candidate): Decision | null {
  if (identity.type === 'link') return ['refuse', 'cleanup_reason_symbolic_link'];
  const expected = kindRow(kind).form === 'file' ? 'file' : 'directory';
  return identity.type === expected ? null : ['refuse', 'cleanup_reason_replaced'];
}

/** The golden rule: inputs, outputs and the folders that hold them. */
function guardedBy(candidate: Candidate, guarded: Guarded): Decision | null {
  const holds = (inner: string): boolean => isSameOrInside(inner, candidate.path);
  if (guarded.inputFiles.some(holds) || guarded.inputDirs.some(holds))
    return ['refuse', 'cleanup_reason_is_input'];
  if (guarded.outputs.some(holds) || guarded.folders.some(holds) || candidate.holdsProducts) {
    return ['refuse', 'cleanup_reason_is_output'];
  }
  return null;
}

function ownedByOther({ owner }: Candidate, { scope }: TeardownFacts): Decision | null {
  if (owner === null || owner.state === 'own') return null;
  if (owner.state === 'live') return ['keep', 'cleanup_reason_live_run'];
  if (owner.state === 'resumable') return ['keep', 'cleanup_reason_resumable'];
  return owner.state === 'kept' && scope !== 'clean' ? ['keep', 'cleanup_reason_finished_and_kept'] : null;
}

/** Without an owner's record a name counts as a dead run's, unless the folder is one where people keep their own. */
function onlyNamed(candidate: Candidate, facts: TeardownFacts): Decision | null {
  if (candidate.owner !== null) return null;
  const { inputDirs, inputFiles } = facts.guarded;
  const dir = path.dirname(candidate.path);
  const { outputDir } = facts.places;
  const belowOutput =
    outputDir !== null &&
    isSameOrInside(dir, outputDir) &&
    !inputDirs.some((input) => isSameOrInside(input, outputDir));
  const isInput =
    inputFiles.some((file) => path.dirname(file) === dir) ||
    (!belowOutput && inputDirs.some((input) => isSameOrInside(dir, input)));
  if (isInput) return ['refuse', 'cleanup_reason_unowned_in_input'];
  if (FINAL_OUTPUT_NAME.test(path.basename(candidate.path))) return ['refuse', 'cleanup_reason_is_output'];
  // A plan that the user supplied is an input, and so is its twin of another extension.
  const stem = path.parse(candidate.path).name;
  if (inputFiles.some((file) => path.dirname(file) === dir && path.parse(file).name === stem)) {
    return ['refuse', 'cleanup_reason_is_input'];
  }
  // The plan and the tiles have rules of their own for the output folder.
  const rule = kindRow(candidate.kind).rule;
  const isOutputFolder = dir === outputDir || facts.guarded.folders.includes(dir);
  if (isOutputFolder && (rule === 'memmap' || rule === 'mosaic_first')) {
    return ['refuse', 'cleanup_reason_unowned_in_output'];
  }
  return null;
}

const REMOVE: Decision = ['remove', 'cleanup_reason_temporary'];

function byRule(candidate: Candidate, facts: TeardownFacts): Decision {
  const { kind, owner, neededForResume } = candidate;
  const { policy, scope, resume, outcome } = facts;
  const { rule } = kindRow(kind);
  if (rule === 'wcs_plan' && !path.basename(candidate.path).includes(WCS_PLAN_MARK)) {
    return ['keep', 'cleanup_reason_users_archive'];
  }
  if (scope === 'clean') return REMOVE;
  const own = owner?.state === 'own';
  if (rule === 'cache') {
    const retention = own ? policy.cacheRetention : owner?.cacheRetention;
    if (retention === 'keep') return ['keep', 'cleanup_reason_cache_kept'];
    if (own) return REMOVE;
  } else if (own && resume && outcome !== 'success' && neededForResume) {
    return ['keep', 'cleanup_reason_resumable'];
  }
  if (!policy.cleanupTempArtifacts) return ['keep', 'cleanup_reason_switch_off'];
  if (rule === 'memmap' || rule === 'mosaic_first') return memmapRule(candidate, facts);
  return REMOVE;
}

/** Item 1's and item 2's conditions: which of the two memmap flags must be true for this one to go. */
function memmapRule({ kind, owner, path: at }: Candidate, { policy, places }: TeardownFacts): Decision {
  const bothFlags = policy.coaddUseMemmap && policy.coaddCleanupMemmap;
  const own = owner?.state === 'own';
  const dir = path.dirname(at);
  const inMemmapDir = dir === places.memmapDir;
  let goes: boolean;
  if (kindRow(kind).rule === 'mosaic_first') {
    if (!inMemmapDir) goes = true;
    else if (own || dir === places.runtimeTempDir) goes = policy.coaddCleanupMemmap;
    else goes = bothFlags;
  } else {
    // A dead run's file outside the memmap directory is known by its journal alone; the flags do not speak of it.
    goes = bothFlags || (!own && !inMemmapDir);
  }
  return goes ? REMOVE : ['keep', 'cleanup_reason_memmap_kept'];
}

const ORDER = { file: 0, tree: 1, shell: 2 } as const;

function byExecution(a: PlannedItem, b: PlannedItem): number {
  const [formA, formB] = [kindRow(a.kind).form, kindRow(b.kind).form];
  if (formA !== formB) return ORDER[formA] - ORDER[formB];
  // Backwards, `x.dat.json` comes before `x.dat` and an inner folder before the outer one.
  return a.path < b.path ? 1 : a.path > b.path ? -1 : 0;
}
