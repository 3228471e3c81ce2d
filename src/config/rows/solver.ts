// Rows of the group "frames" about solvers outside this program.
import { booleanRow, choiceRow, integerRow, numberRow, pathRow, textRow } from '../row.js';

const group = 'frames';

export const SOLVER_ROWS = [
  // Off: what lies on a machine beside this program, or on the net, has a say only where the user gives it one.
  choiceRow('solver_method', ['none', 'astap', 'astrometry', 'ansvr'], 'none', {
    group,
    aliases: ['solver'],
  }),
  pathRow('astap_executable_path', '', { group }),
  pathRow('astap_data_directory_path', '', { group }),
  numberRow('astap_default_search_radius', 3, { group, unit: '°', exclusiveMinimum: 0, maximum: 180 }),
  integerRow('astap_default_downsample', 2, { group, minimum: 0, maximum: 8 }),
  integerRow('astap_max_instances', 1, { group, minimum: 1, maximum: 64 }),
  booleanRow('astap_drizzled_fallback_enabled', false, { group }),
  pathRow('astrometry_local_path', '', { group }),
  textRow('astrometry_api_key', '', { group, maxLength: 200 }),
  textRow('astrometry_api_url', 'https://nova.astrometry.net/api/', {
    group,
    pattern: '^https?://[^\\s]+$',
    patternRule: 'config_rule_text_url',
  }),
  integerRow('astrometry_timeout', 120, { group, unit: 's', minimum: 1, maximum: 3600 }),
  integerRow('astrometry_downsample', 0, { group, minimum: 0, maximum: 16 }),
] as const;
