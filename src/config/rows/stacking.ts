// Rows of the group "stacking": warp, normalisation, weights, rejection, combination.
import { booleanRow, choiceRow, integerRow, numberRow } from '../row.js';

const group = 'stacking';

export const STACKING_ROWS = [
  choiceRow('warp_kernel', ['lanczos3', 'bilinear'], 'lanczos3', { group, aliases: ['kernel'] }),
  // Cubic: as sharp as the stars on lattices this coarse, least noise, a third of the taps of Lanczos-3 (docs/accuracy.md).
  choiceRow('cfa_warp_kernel', ['cubic', 'bilinear', 'lanczos3'], 'cubic', {
    group,
    aliases: ['cfa-kernel'],
  }),
  choiceRow('stacking_normalize_method', ['global', 'linear_fit', 'sky_mean', 'none'], 'global', {
    group,
    option: 'normalize',
  }),
  integerRow('level_match_order', 2, { group, minimum: 0, maximum: 2 }),
  // Overlaps cannot tell a plane that all frames share from the sky; it is mostly light pollution and the Moon.
  choiceRow('sky_gradient', ['remove', 'keep'], 'remove', { group }),
  choiceRow(
    'stacking_weighting_method',
    ['noise_variance', 'noise_fwhm', 'snr', 'exposure', 'none'],
    'noise_variance',
    { group, option: 'weighting' },
  ),
  // The guard takes what few frames hide from a clip; of many, this one takes the fewest good samples (docs/accuracy.md).
  choiceRow(
    'stacking_rejection_algorithm',
    [
      ...(['kappa_sigma', 'winsorized_sigma_clip', 'linear_fit_clip', 'mad_clip', 'esd'] as const),
      ...(['percentile_clip', 'min_max', 'none'] as const),
    ],
    'kappa_sigma',
    { group, option: 'rejection' },
  ),
  numberRow('stacking_kappa_low', 3, {
    group,
    unit: 'sigma',
    option: 'kappa-low',
    exclusiveMinimum: 0,
    maximum: 100,
  }),
  numberRow('stacking_kappa_high', 3, {
    group,
    unit: 'sigma',
    option: 'kappa-high',
    exclusiveMinimum: 0,
    maximum: 100,
  }),
  // Shares and counts of the rules that know no sigma: the defaults of PixInsight and Siril, so that their users find what they know.
  numberRow('stacking_percentile_low', 0.2, { group, exclusiveMinimum: 0, maximum: 10 }),
  numberRow('stacking_percentile_high', 0.1, { group, exclusiveMinimum: 0, maximum: 10 }),
  numberRow('stacking_esd_significance', 0.05, { group, exclusiveMinimum: 0, maximum: 0.5 }),
  numberRow('stacking_esd_outliers', 0.3, { group, exclusiveMinimum: 0, maximum: 0.5 }),
  integerRow('stacking_min_max_low', 1, { group, minimum: 0, maximum: 1000 }),
  integerRow('stacking_min_max_high', 1, { group, minimum: 0, maximum: 1000 }),
  // A clip by the samples' own scatter is blind where five frames or fewer overlap.
  booleanRow('few_frames_guard', true, { group }),
  booleanRow('leave_out_trails', true, { group }),
  booleanRow('large_scale_rejection', false, { group, aliases: ['reject-trails'] }),
  integerRow('large_scale_growth_px', 3, { group, unit: 'px', minimum: 1, maximum: 16 }),
  choiceRow('stacking_final_combine_method', ['mean', 'median'], 'mean', { group, option: 'combine' }),
  booleanRow('apply_radial_weight', false, { group }),
  // Of half the diagonal.
  numberRow('radial_feather_fraction', 0.8, { group, minimum: 0.1, maximum: 1 }),
  numberRow('radial_shape_power', 2, { group, minimum: 0, maximum: 100 }),
  // Not 0: what only corners cover would be a hole.
  numberRow('min_radial_weight_floor', 0.05, { group, minimum: 0.001, maximum: 1 }),
  booleanRow('drizzle', false, { group }),
  numberRow('drizzle_scale', 2, { group, minimum: 1, maximum: 3 }),
  numberRow('drizzle_pixfrac', 0.8, { group, minimum: 0.1, maximum: 1 }),
] as const;
