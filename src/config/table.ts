// The one table of configuration: every key that is in effect, by group. Options, help, schema, documentation,
// validation and the type RunConfig come from it.
import { ADVANCED_ROWS } from './rows/advanced.js';
import { AESTHETIC_ROWS } from './rows/aesthetic.js';
import { ASSEMBLY_ROWS } from './rows/assembly.js';
import { FRAMES_ROWS } from './rows/frames.js';
import { MAIN_ROWS } from './rows/main.js';
import { OUTPUT_ROWS } from './rows/output.js';
import { SOLVER_ROWS } from './rows/solver.js';
import { STACKING_ROWS } from './rows/stacking.js';
import { SYSTEM_ROWS } from './rows/system.js';
import type { Row } from './row.js';

const TABLE = [
  ...MAIN_ROWS,
  ...SYSTEM_ROWS,
  ...FRAMES_ROWS,
  ...SOLVER_ROWS,
  ...STACKING_ROWS,
  ...ASSEMBLY_ROWS,
  ...OUTPUT_ROWS,
  ...AESTHETIC_ROWS,
  ...ADVANCED_ROWS,
] as const;

type TableRow = (typeof TABLE)[number];

/**
 * The configuration of a run: validated, deeply frozen, flat, under the names of the configuration file
 * (`stacking_kappa_low`). Units and ranges stand in the table's rows.
 */
export type RunConfig = { readonly [R in TableRow as R['key']]: R['default'] };

export type ConfigKey = TableRow['key'];

/** All rows, in the order in which they are shown. */
export const CONFIG_ROWS: readonly Row<ConfigKey>[] = TABLE;

const BY_KEY: ReadonlyMap<string, Row<ConfigKey>> = new Map(CONFIG_ROWS.map((row) => [row.key, row]));

/** The row of a key, or undefined when the key is none of ours. */
export function findRow(key: string): Row<ConfigKey> | undefined {
  return BY_KEY.get(key);
}

/** Name of the environment variable of a key: `ZEMOSAIC_STACKING_KAPPA_LOW`. */
export function envName(key: string): string {
  return `ZEMOSAIC_${key.toUpperCase()}`;
}
