// Rules that concern more than one key. An issue stops the run; a notice says that a value has no effect.
import type { CodedMessage, ConfigIssue } from './errors.js';
import { givenName, type Provenance } from './origin.js';
import { withoutSecret } from './secrets.js';
import { findRow, type ConfigKey, type RunConfig } from './table.js';
import { valueToText } from './values.js';
import { looksLikeAddress, webAddress } from './web-address.js';

/** Cells below this are refused: the halo of Lanczos-3 and demosaicing would exceed the cell itself. */
const SMALLEST_CELL_PX = 64;

/** What is wrong across keys in an otherwise valid configuration. */
export function crossRuleIssues(config: RunConfig, provenance: Provenance): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const name = (key: ConfigKey): string => nameOf(key, provenance);
  if (config.require_gpu && config.backend !== 'auto' && config.backend !== 'webgpu') {
    issues.push({
      key: 'require_gpu',
      code: 'config_rule_gpu_backend',
      params: { name: name('require_gpu'), other: name('backend'), value: config.backend },
    });
  }
  if (config.require_gpu && !config.use_gpu_phase5) {
    issues.push({
      key: 'require_gpu',
      code: 'config_rule_gpu_off',
      params: { name: name('require_gpu'), other: name('use_gpu_phase5') },
    });
  }
  if (config.cell_size_px !== 0 && config.cell_size_px < SMALLEST_CELL_PX) {
    issues.push({
      key: 'cell_size_px',
      code: 'config_rule_cell_size',
      params: {
        name: name('cell_size_px'),
        value: String(config.cell_size_px),
        limit: String(SMALLEST_CELL_PX),
      },
    });
  }
  if (config.keep_debug_cells !== '' && config.cleanup_temp_artifacts) {
    issues.push({
      key: 'keep_debug_cells',
      code: 'config_rule_debug_cells',
      params: { name: name('keep_debug_cells'), value: config.keep_debug_cells },
    });
  }
  const addresses = [
    ['astrometry_api_url', true],
    ['astrometry_local_path', looksLikeAddress(config.astrometry_local_path)],
  ] as const;
  for (const [key, isAddress] of addresses) {
    if (!isAddress || webAddress(config[key])) continue;
    const [value, standard] = [withoutSecret(key, config[key]), findRow(key)!.default].map((text) =>
      JSON.stringify(valueToText(text)),
    );
    issues.push({
      key,
      code: 'config_rule_text_url',
      params: { name: name(key), value, default: standard },
    });
  }
  const [low, high] = config.two_pass_cov_gain_clip;
  if (low > high) {
    const [value, standard] = [[low, high], findRow('two_pass_cov_gain_clip')!.default].map((limits) =>
      valueToText(limits, 'limits'),
    );
    issues.push({
      key: 'two_pass_cov_gain_clip',
      code: 'config_rule_limits',
      params: { name: name('two_pass_cov_gain_clip'), value, default: standard },
    });
  }
  if (config.save_master_tiles && !config.coadd_use_memmap) {
    issues.push({
      key: 'save_master_tiles',
      code: 'config_rule_tiles_memmap',
      params: { name: name('save_master_tiles') },
    });
  }
  // a median cannot be added to, and what scales flux by coverage changes with every frame
  const unfit = [
    ['stacking_final_combine_method', config.stacking_final_combine_method === 'median'],
    ['two_pass_coverage_renorm', config.two_pass_coverage_renorm],
    ['use_existing_master_tiles', config.use_existing_master_tiles],
    ['assembly_mode', !['auto', 'mosaic_first'].includes(config.assembly_mode)],
    ['sds_mode_default', config.sds_mode_default],
    // a canvas that grows keeps no size that was asked for
    ['global_wcs_res_override', config.global_wcs_res_override !== null],
  ] as const;
  for (const [key, isSet] of unfit) {
    if (!config.incremental || !isSet) continue;
    issues.push({
      key: 'incremental',
      code: 'config_rule_incremental',
      params: { name: name('incremental'), other: name(key), value: valueToText(config[key]) },
    });
  }
  // drops come from raw samples, and every frame is dropped at once
  const undropped = [
    ['incremental', config.incremental],
    ['use_existing_master_tiles', config.use_existing_master_tiles],
    ['stacking_final_combine_method', config.stacking_final_combine_method === 'median'],
    ['demosaic_method', config.demosaic_method !== 'direct'],
  ] as const;
  for (const [key, isSet] of undropped) {
    if (!config.drizzle || !isSet) continue;
    issues.push({
      key: 'drizzle',
      code: 'config_rule_drizzle',
      params: { name: name('drizzle'), other: name(key), value: String(config[key]) },
    });
  }
  return issues;
}

/** Values that the user gave and that have no effect beside others. */
export function crossRuleNotices(config: RunConfig, provenance: Provenance): CodedMessage[] {
  const notices: CodedMessage[] = [];
  const given = (key: ConfigKey): boolean => provenance[key] !== 'default';
  if (!config.coadd_use_memmap) {
    for (const key of ['coadd_memmap_dir', 'coadd_cleanup_memmap'] as const) {
      if (given(key) && config[key])
        notices.push({ code: 'config_notice_memmap_off', params: { name: nameOf(key, provenance) } });
    }
  }
  const unlike = [
    ['stacking_final_combine_method', config.stacking_final_combine_method === 'median'],
    ['use_existing_master_tiles', config.use_existing_master_tiles],
  ] as const;
  for (const [key, isSet] of unlike) {
    if (!config.apply_radial_weight || !isSet) continue;
    const params = {
      name: nameOf('apply_radial_weight', provenance),
      other: nameOf(key, provenance),
      value: String(config[key]),
    };
    notices.push({ code: 'config_notice_without_effect', params });
  }
  // where frames fade out there are no steps, and a median's are no sums of what frames have too much
  const stepless = [
    ['stacking_final_combine_method', config.stacking_final_combine_method === 'median'],
    ['apply_radial_weight', config.apply_radial_weight],
    ['use_existing_master_tiles', config.use_existing_master_tiles],
  ] as const;
  for (const [key, isSet] of stepless) {
    if (config.two_pass_residuals === 'off' || !isSet) continue;
    const params = {
      name: nameOf('two_pass_residuals', provenance),
      other: nameOf(key, provenance),
      value: String(config[key]),
    };
    notices.push({ code: 'config_notice_without_effect', params });
  }
  for (const key of ['drizzle_scale', 'drizzle_pixfrac'] as const) {
    if (config.drizzle || !given(key)) continue;
    const params = { name: nameOf(key, provenance), other: nameOf('drizzle', provenance), value: 'false' };
    notices.push({ code: 'config_notice_without_effect', params });
  }
  const ofCustom = ['obj_k', 'obj_dilate_px', 'sample_step', 'smoothing'] as const;
  for (const key of ofCustom.map((name) => `final_mosaic_dbe_${name}` as const)) {
    // files of the Python program hold every key
    const isAsked = given(key) && config[key] !== findRow(key)!.default;
    if (config.final_mosaic_dbe_strength === 'custom' || !isAsked) continue;
    const other = nameOf('final_mosaic_dbe_strength', provenance);
    const params = { name: nameOf(key, provenance), other, value: config.final_mosaic_dbe_strength };
    notices.push({ code: 'config_notice_without_effect', params });
  }
  if (config.backend === 'webgpu' && !config.use_gpu_phase5) {
    const params = { name: nameOf('use_gpu_phase5', provenance), other: nameOf('backend', provenance) };
    notices.push({ code: 'config_notice_without_effect', params: { ...params, value: config.backend } });
  }
  // files of the Python program hold it as their default
  if (config.stacking_normalize_method === 'linear_fit')
    notices.push({
      code: 'config_notice_linear_fit',
      params: { name: nameOf('stacking_normalize_method', provenance) },
    });
  if (config.incremental && config.output_compression === 'rice' && given('output_compression'))
    notices.push({
      code: 'config_notice_incremental_lossless',
      params: { name: nameOf('output_compression', provenance) },
    });
  return notices;
}

function nameOf(key: ConfigKey, provenance: Provenance): string {
  const row = findRow(key);
  return row ? givenName(row, provenance[key]) : key;
}
