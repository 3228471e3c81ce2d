// Whether a run may calibrate its frames: told by the configuration alone, before any file is looked at.
import type { RunConfig } from '../../config/table.js';

export function calibrates(config: RunConfig): boolean {
  const { calibration_bias, calibration_darks, calibration_dark_flats, calibration_flats } = config;
  const named = calibration_bias + calibration_darks + calibration_dark_flats + calibration_flats;
  // what tiles are made of has been calibrated
  return !config.use_existing_master_tiles && (named !== '' || config.calibration_from_input);
}
