// Looks at the disk for a teardown: what the journals name and what stands in the known folders under the known
// names. It decides nothing.
import path from 'node:path';
import {
  ARTIFACT_KINDS,
  kindRow,
  FINAL_OUTPUT_NAME,
  sidecarPathOf,
  WCS_PLAN_MARK,
} from '../artifact-kinds.js';
import type { ArtifactKind } from '../artifact-kinds.js';
import type { ArtifactRecord } from '../journal/journal.js';
import { identify, isSameOrInside } from '../paths.js';
import { namesIn, ownerStateOf, type OwnerState, type RunRecord } from '../journal/read-journals.js';
import type { Candidate, TeardownPlaces } from './teardown-facts.js';
import type { CacheRetention } from '../teardown-policy.js';

/** What to look for. */
export interface ScanRequest {
  readonly places: TeardownPlaces;
  /** Real path of the global WCS plan's FITS file; its folder need not be the output folder. */
  readonly planPath: string | null;
  /** This run's artefacts and its `cache_retention`; null when no run asks. */
  readonly own: {
    readonly artifacts: Iterable<ArtifactRecord>;
    readonly cacheRetention: CacheRetention;
  } | null;
  readonly others: readonly RunRecord[];
  /** Which artefacts of others to list wherever they stand; those in `places` are found by their names anyway. */
  readonly wanted: (run: RunRecord, artifactPath: string, state: OwnerState) => boolean;
  /** A folder named by a person may hold frames under a name like ours: such folders are then marked. */
  readonly wary: boolean;
}

/** Every candidate, each path once: the journals' word comes before a name's. */
export async function scanForTeardown(request: ScanRequest): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  // Whose it is, asked of every artefact of every journal, would take long for what is gone.
  const add = async (
    candidate: Omit<Candidate, 'identity' | 'owner'>,
    ownerOfIt: () => Candidate['owner'],
  ): Promise<void> => {
    if (found.has(candidate.path)) return;
    const identity = identify(candidate.path);
    if (identity !== null) found.set(candidate.path, { ...candidate, owner: ownerOfIt(), identity });
  };

  for (const artifact of request.own?.artifacts ?? []) {
    // A folder that a person named may serve several runs: it stays as long as another one has a claim on it.
    const other = kindRow(artifact.kind).form === 'shell' ? ownerAmong(request.others, artifact.path) : null;
    const shared = other !== null && other.state !== 'dead';
    const owner = shared ? other : { state: 'own' as const, cacheRetention: request.own!.cacheRetention };
    await add(fromRecord(artifact), () => owner);
  }
  for (const run of request.others) {
    // What a stranger's journal says of a dead run removes nothing; its word for the living is heeded below.
    if (!run.trusted) continue;
    for (const artifact of run.artifacts.values()) {
      const state = ownerStateOf(run, artifact.path);
      if (!request.wanted(run, artifact.path, state)) continue;
      // Another run may have come to use the same folder since: its claim is the stronger one.
      await add(fromRecord(artifact), () => ownerAmong(request.others, artifact.path));
    }
  }
  for (const named of await namedEntries(request)) {
    const holdsProducts =
      kindRow(named.kind).form === 'tree' && (await looksPrecious(named.path, request.wary));
    const owner = ownerAmong(request.others, named.path);
    const candidate = {
      ...named,
      meaning: kindRow(named.kind).meaning,
      adopted: false,
      neededForResume: false,
      holdsProducts: owner === null && holdsProducts,
    };
    await add(candidate, () => owner);
  }
  return [...found.values()];
}

function fromRecord(artifact: ArtifactRecord): Omit<Candidate, 'identity' | 'owner'> {
  const { path: at, kind, meaning, adopted, neededForResume } = artifact;
  return { path: at, kind, meaning, adopted, neededForResume, holdsProducts: false };
}

function ownerOf(run: RunRecord, state: OwnerState): Candidate['owner'] {
  return { state, cacheRetention: run.header.policy.cacheRetention };
}

const STRENGTH: readonly OwnerState[] = ['dead', 'kept', 'resumable', 'live'];

/** The strongest claim on a path: of the artefact itself, of one inside it, or of the folder around it. */
function ownerAmong(others: readonly RunRecord[], at: string): Candidate['owner'] {
  let strongest: { run: RunRecord; state: OwnerState } | null = null;
  for (const run of others) {
    for (const { path: artifactPath, kind } of run.artifacts.values()) {
      const inTree = kindRow(kind).form === 'tree';
      const claims = isSameOrInside(artifactPath, at) || (inTree && isSameOrInside(at, artifactPath));
      if (!claims) continue;
      const state = ownerStateOf(run, artifactPath);
      if (state === 'dead' && !run.trusted) continue;
      if (strongest === null || STRENGTH.indexOf(state) > STRENGTH.indexOf(strongest.state)) {
        strongest = { run, state };
      }
    }
  }
  return strongest === null ? null : ownerOf(strongest.run, strongest.state);
}

interface NamedEntry {
  readonly path: string;
  readonly kind: ArtifactKind;
}

/** Entries under our names at the top level of the places, of the type that belongs to the name, or links. */
async function namedEntries({ places, planPath }: ScanRequest): Promise<NamedEntry[]> {
  const entries: NamedEntry[] = [];
  const { memmapDir, runtimeTempDir, outputDir } = places;
  const addIf = async (at: string, kind: ArtifactKind): Promise<boolean> => {
    const type = identify(at)?.type;
    const expected = kindRow(kind).form === 'file' ? 'file' : 'directory';
    if (type !== expected && type !== 'link') return false;
    entries.push({ path: at, kind });
    return type === expected;
  };
  for (const dir of new Set([memmapDir, runtimeTempDir])) {
    if (dir === null) continue;
    for (const name of await namesIn(dir)) {
      const at = path.join(dir, name);
      if (ARTIFACT_KINDS.mosaic_first_dir.name.test(name)) await addIf(at, 'mosaic_first_dir');
      if (dir !== memmapDir || !ARTIFACT_KINDS.memmap.name.test(name)) continue;
      if (await addIf(at, 'memmap')) await addIf(sidecarPathOf(at), 'memmap_sidecar');
    }
  }
  if (outputDir !== null) {
    for (const name of await namesIn(outputDir)) {
      if (name.includes(WCS_PLAN_MARK)) await addIf(path.join(outputDir, name), 'global_wcs_plan');
    }
  }
  for (const twin of planPath === null ? [] : planFilesOf(planPath)) {
    if (path.basename(twin).includes(WCS_PLAN_MARK)) await addIf(twin, 'global_wcs_plan');
  }
  return entries;
}

/** The two files of a global WCS plan: the FITS header and its JSON twin. */
export function planFilesOf(planPath: string): readonly [string, string] {
  const { dir, name } = path.parse(planPath);
  return [planPath, path.join(dir, `${name}.json`)];
}

const GENERATED_NAME = /^mosaic_first_[0-9a-f]{8}[0-9a-f-]*$/;
const FRAME_NAME = /\.(fits?|fts)(\.\w+)?$/i;

/** True for a folder that nobody's journal names and that holds what is not a work file: products, or frames. */
async function looksPrecious(dir: string, wary: boolean): Promise<boolean> {
  const frames = wary && !GENERATED_NAME.test(path.basename(dir));
  const names = identify(dir)?.type === 'directory' ? await namesIn(dir) : [];
  return names.some((name) => FINAL_OUTPUT_NAME.test(name) || (frames && FRAME_NAME.test(name)));
}
