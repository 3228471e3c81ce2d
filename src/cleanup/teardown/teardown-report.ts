// What a teardown says it did: data only (paths, sizes, locale keys); whoever shows it renders the words.
import type { ArtifactKind } from '../artifact-kinds.js';

/** Something that is gone. `bytes` counts what was deleted. */
export interface RemovedArtifact {
  readonly path: string;
  readonly kind: ArtifactKind;
  readonly bytes: number;
}

/** Something that stays by rule. `bytes` of a folder includes all that is in it. */
export interface KeptArtifact {
  readonly path: string;
  readonly kind: ArtifactKind;
  readonly bytes: number;
  /** Locale key: what the artefact is. */
  readonly meaning: string;
  /** Locale key: why it stays. */
  readonly reason: string;
}

/** Something with an artefact's name that is not touched because it may not be ours. */
export interface RefusedArtifact {
  readonly path: string;
  readonly kind: ArtifactKind;
  /** Locale key. */
  readonly reason: string;
}

/** Something that should be gone and is not. */
export interface FailedRemoval {
  readonly path: string;
  /** Locale key. */
  readonly reason: string;
  /** The system's error code, or the empty string. */
  readonly code: string;
}

/** The account of a teardown; every artefact it considered is in exactly one list. */
export interface TeardownReport {
  readonly removed: readonly RemovedArtifact[];
  readonly kept: readonly KeptArtifact[];
  readonly refused: readonly RefusedArtifact[];
  readonly failed: readonly FailedRemoval[];
}
