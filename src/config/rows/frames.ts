// Rows of the group "frames": what happens to the raw samples before the warp.
import { booleanRow, choiceRow, numberRow, pathRow, textRow } from '../row.js';

const group = 'frames';

export const FRAMES_ROWS = [
  pathRow('exclude_frames_file', '', { group, aliases: ['exclude'] }),
  // "auto", "all", or a place "RA,Dec" in degrees.
  textRow('sky_field', 'auto', {
    group,
    pattern:
      '^(auto|all|(360(\\.0*)?|(3[0-5]\\d|[12]?\\d?\\d)(\\.\\d*)?),[-+]?(90(\\.0*)?|[1-8]?\\d(\\.\\d*)?))$',
    patternRule: 'config_rule_text_field',
    maxLength: 60,
  }),
  // A solution takes milliseconds; a WCS of unknown origin can be off by pixels.
  booleanRow('force_resolve_existing_wcs', false, { group }),
  // Of headers' WCS; what is solved here is always adjusted.
  choiceRow('refine_astrometry', ['auto', 'on', 'off'], 'auto', { group }),
  pathRow('calibration_bias', '', { group, aliases: ['bias'] }),
  pathRow('calibration_darks', '', { group, aliases: ['darks'] }),
  pathRow('calibration_dark_flats', '', { group, aliases: ['dark-flats'] }),
  pathRow('calibration_flats', '', { group, aliases: ['flats'] }),
  // Off: frames that happen to lie beside the lights are not known to be meant for them.
  booleanRow('calibration_from_input', false, { group }),
  // Dark current doubles every 5 to 7 degrees.
  numberRow('calibration_temperature_tolerance_c', 5, { group, unit: '°C', minimum: 0, maximum: 100 }),
  booleanRow('calibration_scale_darks', true, { group }),
  // Of the typical frame: seeing alone seldom doubles the width of stars, and thin cloud leaves half of the light.
  numberRow('quality_max_fwhm_ratio', 2, { group, minimum: 0, maximum: 1000 }),
  numberRow('quality_max_ellipticity', 0.5, { group, minimum: 0, maximum: 1 }),
  // Off by default: a camera of another gain shows less light under the same sky, and what clouds dim counts less by its noise anyway.
  numberRow('quality_min_transparency', 0, { group, minimum: 0, maximum: 1 }),
  booleanRow('quality_gate_enabled', false, { group, option: 'quality-gate' }),
  numberRow('quality_gate_threshold', 0.48, { group, minimum: 0, maximum: 1 }),
  booleanRow('hot_pixel_correction', true, { group }),
  // In units of the frame's own noise, on the CFA; 5 spares star cores, which are wider than one pixel.
  numberRow('hot_pixel_sigma', 5, { group, unit: 'sigma', exclusiveMinimum: 0, maximum: 1000 }),
  // Where there are no darks: what stands out at one pixel while the sky moves across the sensor.
  booleanRow('learn_bad_pixels', true, { group }),
  choiceRow('demosaic_method', ['direct', 'bilinear', 'edge_aware'], 'direct', {
    group,
    aliases: ['demosaic'],
  }),
] as const;
