// Keys of the reference program's zemosaic_config.json that this program adopts with a part that it does not have
// yet. They are kept in the file as they are and named when present, so that nobody believes them in effect.
import type { Feature } from './row.js';

const PLANNED: Readonly<Record<Feature, readonly string[]>> = {
  backends: ['use_gpu_phase5', 'gpu_id_phase5', 'gpu_selector'],
  integration: [
    'wsc_impl',
    'stacking_winsor_limits',
    'poststack_equalize_rgb',
    'center_out_normalization_p3',
    'center_out_anchor_mode',
    'auto_detect_seestar',
    'force_seestar_mode',
    'global_coadd_method',
    'global_coadd_k',
    'final_assembly_method',
    'match_background_for_final',
    'enable_tile_weighting',
    'tile_weight_mode',
    'two_pass_cov_sigma_px',
    'two_pass_cov_gain_clip',
    'phase5_alpha_soft_weights',
    'phase5_alpha_weight_floor',
    'intertile_photometric_match',
    'intertile_overlap_min',
    'intertile_prune_k',
    'intertile_gain_clip',
    'intertile_offset_clip',
    'inter_master_merge_enable',
    'inter_master_overlap_threshold',
    'inter_master_min_group_size',
    'inter_master_max_group',
    'inter_master_stack_method',
    'inter_master_memmap_policy',
    'altaz_margin_percent',
    'altaz_decay',
    'aesthetic_hole_fill_enabled',
    'aesthetic_hole_fill_max_radius_px',
    'patchwork_suppressor_enabled',
    'patchwork_suppressor_strength',
    'visual_seam_heal_enabled',
  ],
};

const FEATURE_OF: ReadonlyMap<string, Feature> = new Map(
  Object.entries(PLANNED).flatMap(([feature, keys]) => keys.map((key) => [key, feature as Feature] as const)),
);

/** All planned keys with the part of the program that they belong to, in the order of the documentation. */
export const PLANNED_KEYS: readonly (readonly [string, Feature])[] = [...FEATURE_OF];

/** The part that a planned key belongs to, or undefined. */
export function plannedFeature(key: string): Feature | undefined {
  return FEATURE_OF.get(key);
}

/** Spellings of the reference program (its window and its command line) and the key that they mean here. */
export const LEGACY_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['input_folder', 'input_dir'],
  ['output_folder', 'output_dir'],
  ['logging_level', 'log_level'],
]);
