// Rows of the group "main": what to read, where to write, which backend computes.
import { booleanRow, choiceRow, pathRow, textRow } from '../row.js';

const group = 'main';

export const MAIN_ROWS = [
  pathRow('input_dir', '', { group }),
  pathRow('output_dir', '', { group, aliases: ['o', 'output'] }),
  // The name becomes the start of file names on every system, hence no separators, no Windows specials, no dot file.
  textRow('output_name', 'zemosaic', {
    group,
    aliases: ['name'],
    pattern: '^[^./\\\\:*?"<>|\\u0000-\\u001f][^/\\\\:*?"<>|\\u0000-\\u001f]*$',
    patternRule: 'config_rule_text_name',
    maxLength: 100,
  }),
  choiceRow('backend', ['auto', 'webgpu', 'wasm', 'gpujs', 'reference'], 'auto', { group }),
  // The reference program's names, for all phases here.
  booleanRow('use_gpu_phase5', true, { group, option: 'gpu' }),
  textRow('gpu_selector', '', { group, option: 'adapter', maxLength: 200 }),
  // The input folder holds finished tiles (ours or another program's), which are matched and put together.
  booleanRow('use_existing_master_tiles', false, { group, aliases: ['tiles'] }),
  // Adds the frames that the mosaic of the same output folder lacks, and keeps beside it what that needs.
  booleanRow('incremental', false, { group }),
  booleanRow('require_gpu', false, { group }),
  choiceRow('language', ['auto', 'en', 'fr', 'es', 'pl', 'de', 'nl', 'is'], 'auto', {
    group,
    aliases: ['lang'],
  }),
  // The window's alone; "night" is ours, the rest are the reference program's.
  choiceRow('qt_theme_mode', ['system', 'light', 'dark', 'night'], 'system', { group, aliases: ['theme'] }),
] as const;
