// Keys of the reference program whose work is done here by something else: by another key, or always. They have no effect of their own, are kept in
// the file, and the note that names them says what to set instead.
import type { ConfigKey } from './table.js';

export interface CoveredKeys {
  readonly keys: readonly string[];
  /** Settings that decide it here; none: it is always done. */
  readonly by: readonly ConfigKey[];
  /** How, for docs/configuration.md. */
  readonly how: string;
}

export const COVERED: readonly CoveredKeys[] = [
  {
    keys: [
      ...['intertile_photometric_match', 'match_background_for_final', 'incremental_feather_parity'],
      ...['intertile_preview_size', 'intertile_overlap_min', 'intertile_sky_percentile'],
      ...['intertile_robust_clip_sigma', 'intertile_prune_k', 'intertile_prune_weight_mode'],
      ...['intertile_offset_only_v1', 'intertile_gain_offset_v2', 'intertile_gain_prior_lambda'],
      ...['intertile_gain_clip', 'intertile_offset_clip', 'intertile_pair_gain_clip'],
      ...['intertile_pair_offset_abs_max', 'intertile_max_irls_iters', 'intertile_enforce_requested_solver'],
      ...['intertile_global_recenter', 'intertile_recenter_clip', 'intertile_affine_blend'],
      ...['intertile_underconstrained_guard_enabled', 'intertile_underconstrained_max_pairs'],
      ...['intertile_underconstrained_max_active_tiles', 'intertile_underconstrained_force_mode'],
      ...['intertile_underconstrained_gain_clip', 'intertile_underconstrained_offset_clip'],
      ...['use_auto_intertile', 'existing_master_tiles_anchor_photometry_enabled'],
      ...['existing_master_tiles_anchor_gain_clip'],
    ],
    by: ['stacking_normalize_method', 'level_match_order'],
    how: 'tiles and frames are matched by one solve: gains by the stars that they share, then levels over all overlaps at once, whole, not blended towards none. No pair is pruned, so no bridge is needed; priors, not limits, hold what few overlaps tell: a gain that no star tells stays 1. `none` leaves tiles as they are',
  },
  {
    keys: [
      ...['center_out_normalization_p3', 'center_out_anchor_mode', 'anchor_quality_probe_limit'],
      ...['anchor_quality_span_range', 'anchor_quality_median_clip_sigma', 'enable_poststack_anchor_review'],
      ...['poststack_anchor_probe_limit', 'poststack_anchor_span_range'],
      ...['poststack_anchor_median_clip_sigma', 'poststack_anchor_min_improvement'],
      ...['poststack_anchor_use_overlap_affine', 'p3_center_sky_percentile', 'p3_center_robust_clip_sigma'],
      ...['p3_center_preview_size', 'p3_center_min_overlap_fraction'],
    ],
    by: ['stacking_normalize_method'],
    how: 'all frames are brought to one level at once: there is no chain from tile to tile, and no anchor that it could hang on',
  },
  {
    keys: ['global_coadd_method', 'global_coadd_k'],
    by: [
      'stacking_rejection_algorithm',
      'stacking_kappa_low',
      'stacking_kappa_high',
      'stacking_final_combine_method',
    ],
    how: 'all modes reject and combine by the same settings',
  },
  {
    keys: ['final_assembly_method', 'assembly_process_workers'],
    by: ['assembly_mode', 'num_processing_workers'],
    how: 'both methods are the same weighted mean, summed cell by cell in 64 bits within the memory budget, whatever the order; `incremental` adds frames to a mosaic of an earlier run',
  },
  {
    keys: [
      ...['enable_tile_weighting', 'tile_weight_mode', 'tile_weight_v4_enabled', 'tile_weight_v4_curve'],
      ...['tile_weight_v4_strength', 'tile_weight_v4_min', 'tile_weight_v4_max'],
      ...['tile_weight_v4_residual_penalty_enabled', 'tile_weight_v4_residual_penalty_strength'],
      ...['tile_weight_v4_temporal_penalty_enabled', 'tile_weight_v4_temporal_penalty_strength'],
      ...['tile_weight_v4_temporal_penalty_hours'],
    ],
    by: ['stacking_weighting_method'],
    how: 'tiles weigh by the inverse variance that is measured on them, which the number of frames only stands for; `none` weighs all alike',
  },
  {
    keys: ['phase5_alpha_soft_weights', 'phase5_alpha_weight_floor'],
    by: ['use_existing_master_tiles'],
    how: 'an extension ALPHA (or WEIGHT, UNCERTAINTY, COVERAGE) always counts as the relative weight of a tile’s pixels, and tiles fade out to 0.001 at their edges',
  },
  {
    keys: [
      ...['inter_master_merge_enable', 'inter_master_overlap_threshold', 'inter_master_min_group_size'],
      ...['inter_master_max_group', 'inter_master_stack_method', 'inter_master_memmap_policy'],
      ...['inter_master_local_scale', 'inter_master_photometry_intragroup'],
      ...['inter_master_photometry_intersuper', 'inter_master_photometry_clip_sigma'],
    ],
    by: ['assembly_mode'],
    how: 'stacks of one place are averaged by their weights at once, on the same pixels: a super-tile between would change nothing. Where rejection should see all frames of a place, `mosaic_first` is the mode',
  },
  {
    keys: ['auto_detect_seestar', 'force_seestar_mode'],
    by: ['assembly_mode'],
    how: 'what the reference program keeps for Seestars, frames straight onto the mosaic, is the default for every telescope',
  },
  {
    keys: ['wsc_impl', 'stacking_winsor_limits'],
    by: ['stacking_rejection_algorithm', 'stacking_kappa_low', 'stacking_kappa_high'],
    how: '`winsorized_sigma_clip` is that of PixInsight and Siril on every backend; limits as shares of the samples belong to `min_max`',
  },
  {
    keys: [
      ...['aesthetic_hole_fill_blend', 'aesthetic_hole_fill_only_near_seams'],
      'aesthetic_hole_fill_protect_stars_details',
    ],
    by: ['aesthetic_hole_fill_enabled', 'aesthetic_hole_fill_max_radius_px'],
    how: 'only samples that hold nothing are filled, and whole: none that holds light is touched, so there is nothing to blend with and no star to protect',
  },
  {
    keys: ['gpu_id_phase5', 'use_gpu_grid'],
    by: ['gpu_selector', 'use_gpu_phase5'],
    how: 'one choice holds for all phases. CUDA counts NVIDIA cards alone, so its number says nothing about the adapters of Vulkan, Metal or Direct3D: `zemosaic backends` lists them with the numbers and names that `--adapter` takes',
  },
  {
    keys: ['poststack_equalize_rgb'],
    by: ['preview_png_apply_wb'],
    how: 'the science image is never balanced; the preview is, by the stars of the field',
  },
];

const COVERED_BY: ReadonlyMap<string, CoveredKeys> = new Map(
  COVERED.flatMap((family) => family.keys.map((key) => [key, family] as const)),
);

/** What covers a key of the reference program; undefined where nothing does. */
export function coveredBy(key: string): CoveredKeys | undefined {
  return COVERED_BY.get(key);
}
