// All that the decision about a teardown rests on, gathered beforehand so that the decision itself is a pure function.
import type { ArtifactKind } from '../artifact-kinds.js';
import type { RunOutcome } from '../journal/journal.js';
import type { EntryIdentity } from '../paths.js';
import type { OwnerState } from '../journal/read-journals.js';
import type { CacheRetention, TeardownPolicy } from '../teardown-policy.js';

/**
 * Who asks: a run that has ended (`run`), a run that begins and meets what dead ones left (`start`), or a person
 * (`clean`), who also means what finished runs kept.
 */
export type TeardownScope = 'run' | 'start' | 'clean';

/** Something on the disk that may be an artefact. */
export interface Candidate {
  /** Real path of the entry itself. */
  readonly path: string;
  readonly kind: ArtifactKind;
  readonly identity: EntryIdentity;
  /** Locale key of what it is. */
  readonly meaning: string;
  /** A folder that stood there before the run used it. */
  readonly adopted: boolean;
  readonly neededForResume: boolean;
  /** Whose it is by a journal, with that run's `cache_retention`; null: only its name speaks for it. */
  readonly owner: { readonly state: 'own' | OwnerState; readonly cacheRetention: CacheRetention } | null;
  /** A folder that holds files named like final products (looked at only where no journal tells). */
  readonly holdsProducts: boolean;
}

/** Where things stand; real paths. */
export interface TeardownPlaces {
  readonly outputDir: string | null;
  /** The memmap directory; null when none is set. */
  readonly memmapDir: string | null;
  readonly runtimeTempDir: string | null;
}

/** What no teardown touches; real paths. */
export interface Guarded {
  readonly inputDirs: readonly string[];
  readonly inputFiles: readonly string[];
  /** Final outputs of this run and of those whose journals were read. */
  readonly outputs: readonly string[];
  /** Output folders (of this and other runs), logs and whatever else must stand. */
  readonly folders: readonly string[];
}

/** The facts of one teardown. */
export interface TeardownFacts {
  readonly scope: TeardownScope;
  readonly policy: TeardownPolicy;
  readonly outcome: RunOutcome;
  /** The configuration key `resume`. */
  readonly resume: boolean;
  readonly places: TeardownPlaces;
  readonly guarded: Guarded;
  readonly candidates: readonly Candidate[];
}
