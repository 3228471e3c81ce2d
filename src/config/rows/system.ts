// Rows of the group "system resources & cache": threads, memory, temporary files and what happens to them.
import { booleanRow, choiceRow, integerRow, pathRow } from '../row.js';

const group = 'system';

export const SYSTEM_ROWS = [
  // -1 and 0 both mean automatic, as in the reference program.
  integerRow('num_processing_workers', -1, { group, option: 'threads', minimum: -1, maximum: 1024 }),
  integerRow('memory_budget_mb', 1536, {
    group,
    unit: 'MB',
    aliases: ['memory'],
    minimum: 128,
    maximum: 1048576,
  }),
  integerRow('cell_size_px', 0, { group, unit: 'px', minimum: 0, maximum: 16384 }),
  booleanRow('coadd_use_memmap', true, { group }),
  booleanRow('coadd_cleanup_memmap', true, { group }),
  pathRow('coadd_memmap_dir', '', { group }),
  booleanRow('cleanup_temp_artifacts', true, {
    group,
    inverse: 'keep-temp',
    helpKey: 'qt_field_cleanup_temp_artifacts',
  }),
  choiceRow('cache_retention', ['run_end', 'per_tile', 'keep'], 'run_end', { group }),
  pathRow('runtime_temp_dir', '', { group }),
  pathRow('temp_image_cache_dir', '', { group }),
  pathRow('temp_master_tile_storage_dir', '', { group }),
  pathRow('sds_runtime_tile_dir', '', { group }),
  choiceRow('resume', ['auto', 'off', 'force'], 'auto', { group }),
] as const;
