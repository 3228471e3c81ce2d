// A digest that two runs share exactly when their configurations are equal.
import { createHash } from 'node:crypto';
import type { RunConfig } from './table.js';

/** SHA-256 (64 hexadecimal digits) of the configuration as JSON with sorted keys and no white space. */
export function configDigest(config: RunConfig): string {
  const sorted = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(sorted)))
    .digest('hex');
}
