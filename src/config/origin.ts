// Where a value came from, and how that place is named to the user.
import { envName, type ConfigKey } from './table.js';
import type { Row } from './row.js';

/** The layer that a value came from, weakest first. */
export type Origin = 'default' | 'file' | 'env' | 'argv';

/** The origin of every key's value. */
export type Provenance = Readonly<Record<ConfigKey, Origin>>;

/** The name under which the user gave the value: `--kappa-low`, `ZEMOSAIC_STACKING_KAPPA_LOW`, `stacking_kappa_low`. */
export function givenName(row: Row, origin: Origin): string {
  if (origin === 'argv') return `--${row.option}`;
  if (origin === 'env') return envName(row.key);
  return row.key;
}
