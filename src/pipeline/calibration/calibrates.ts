// Whether a run may calibrate its frames: told by the configuration alone, before any file is looked at.
import type { RunConfig } from '../../config/table.js';

export function calibrates(config: RunConfig): boolean {
  const { calibration_bias, calibration_darks, calibration_dark_flats, calibration_flats } = config;
  const named = calibration_bias + calibration_darks + calibration_dark_flats + calibration_flats;
  return named !== '' || config.calibration_from_input;
}
