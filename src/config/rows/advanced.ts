// Rows of the group "advanced": for those who look inside a run.
import { choiceRow, textRow } from '../row.js';

const group = 'advanced';

export const ADVANCED_ROWS = [
  choiceRow('log_level', ['error', 'warn', 'info', 'debug'], 'info', { group }),
  // Cell numbers as the plan prints them: "all", or "0,7,12".
  textRow('keep_debug_cells', '', {
    group,
    pattern: '^(all|\\d+(,\\d+)*)?$',
    patternRule: 'config_rule_text_cells',
    maxLength: 10000,
  }),
] as const;
