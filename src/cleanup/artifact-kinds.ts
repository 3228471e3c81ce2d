// The one table of what the program makes besides its outputs: how such a thing is named, what it is for and
// which rule of the teardown decides about it.

/**
 * Which rule decides whether an artefact stays:
 * `mosaic_first`, `memmap`, `wcs_plan`, `tiles`, `sds_tiles`, `work` are items 1-6 under the master switch;
 * `cache` follows `cache_retention` whatever the switch says.
 */
export type RemovalRule = 'mosaic_first' | 'memmap' | 'wcs_plan' | 'tiles' | 'sds_tiles' | 'work' | 'cache';

/**
 * How an artefact is removed: one `file`; a `tree` with all that is in it (its name is generated, so nobody else
 * puts things there); or a `shell`, a folder whose name a person chose: only what is ours in it goes, and the
 * folder itself only once it is empty.
 */
export type ArtifactForm = 'file' | 'tree' | 'shell';

interface KindRow {
  readonly form: ArtifactForm;
  /** Names that this kind may carry; a journal entry with another name is not believed. */
  readonly name: RegExp;
  readonly rule: RemovalRule;
  /** Locale key of what the artefact is. */
  readonly meaning: string;
}

/** Name part that every global WCS plan carries; a WCS file under another name is the user's archive. */
export const WCS_PLAN_MARK = 'global_mosaic_wcs';

const ANY = /^[^/\\]+$/;

export const ARTIFACT_KINDS = {
  mosaic_first_dir: {
    form: 'tree',
    name: /^mosaic_first_/,
    rule: 'mosaic_first',
    meaning: 'cleanup_meaning_mosaic_first_dir',
  },
  memmap: {
    form: 'file',
    name: /^(mosaic|coverage|zemosaic)_[^/\\]*\.dat$/,
    rule: 'memmap',
    meaning: 'cleanup_meaning_memmap',
  },
  memmap_sidecar: {
    form: 'file',
    name: /^(mosaic|coverage|zemosaic)_[^/\\]*\.dat\.json$/,
    rule: 'memmap',
    meaning: 'cleanup_meaning_memmap_sidecar',
  },
  global_wcs_plan: { form: 'file', name: ANY, rule: 'wcs_plan', meaning: 'cleanup_meaning_global_wcs_plan' },
  master_tile_dir: { form: 'shell', name: ANY, rule: 'tiles', meaning: 'cleanup_meaning_master_tile_dir' },
  master_tile: {
    form: 'file',
    name: /^(master|super|mega)_tile_[^/\\]+$/,
    rule: 'tiles',
    meaning: 'cleanup_meaning_master_tile',
  },
  sds_tile_dir: { form: 'shell', name: ANY, rule: 'sds_tiles', meaning: 'cleanup_meaning_sds_tile_dir' },
  sds_tile: {
    form: 'file',
    name: /^sds_tile_[^/\\]+$/,
    rule: 'sds_tiles',
    meaning: 'cleanup_meaning_sds_tile',
  },
  frame_cache_dir: { form: 'shell', name: ANY, rule: 'cache', meaning: 'cleanup_meaning_frame_cache_dir' },
  frame_cache_entry: {
    form: 'file',
    name: /^zemosaic_frame_[^/\\]+$/,
    rule: 'cache',
    meaning: 'cleanup_meaning_frame_cache_entry',
  },
  work_dir: {
    form: 'tree',
    name: /^zemosaic_work_[^/\\]+$/,
    rule: 'work',
    meaning: 'cleanup_meaning_work_dir',
  },
  resume_state_dir: {
    form: 'tree',
    name: /^zemosaic_state_[0-9a-f]{8}$/,
    rule: 'work',
    meaning: 'cleanup_meaning_resume_state_dir',
  },
  decompressed_input: {
    form: 'file',
    name: /^zemosaic_input_[^/\\]+$/,
    rule: 'work',
    meaning: 'cleanup_meaning_decompressed_input',
  },
  calibration_master: {
    form: 'file',
    name: /^zemosaic_master_[^/\\]+$/,
    rule: 'work',
    meaning: 'cleanup_meaning_calibration_master',
  },
  output_in_progress: {
    form: 'file',
    name: /^\.[^/\\]+\.part$/,
    rule: 'work',
    meaning: 'cleanup_meaning_output_in_progress',
  },
  output_tree_in_progress: {
    form: 'tree',
    name: /^\.[^/\\]+\.part$/,
    rule: 'work',
    meaning: 'cleanup_meaning_output_in_progress',
  },
  output_tree_set_aside: {
    form: 'tree',
    name: /^\.[^/\\]+\.[0-9a-f]{8}\.previous$/,
    rule: 'work',
    meaning: 'cleanup_meaning_output_tree_set_aside',
  },
} as const satisfies Record<string, KindRow>;

/** The name of a row of the table. */
export type ArtifactKind = keyof typeof ARTIFACT_KINDS;

/** The row of `kind`. */
export function kindRow(kind: ArtifactKind): KindRow {
  return ARTIFACT_KINDS[kind];
}

/** True for a name of the table. */
export function isArtifactKind(kind: unknown): kind is ArtifactKind {
  return typeof kind === 'string' && Object.hasOwn(ARTIFACT_KINDS, kind);
}

/** Name of the description that stands beside a `.dat` and goes with it. */
export function sidecarPathOf(datPath: string): string {
  return `${datPath}.json`;
}

/** Names that only final products carry: never removed on the strength of a name alone. */
export const FINAL_OUTPUT_NAME =
  /(_science|_aesthetic|_coverage|_uncertainty|_rejected_low|_rejected_high)\.(fits?|fts)(\.\w+)?$|_preview\.\w+$|^run-report\.json$/i;
