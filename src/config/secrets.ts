// Values that nobody but the user and the service they are for should read.
import type { ConfigKey, RunConfig } from './table.js';

/** Stands for a secret that is set where it is not to be read. */
export const MASK = '***';
/** User and password in an address, up to the last @ before its path. */
const USER_IN_ADDRESS = /^(\s*[a-z][a-z0-9+.-]*:\/\/)[^/?#\\]*@/i;

/** Whether the value of a key is for nobody else's eyes. */
export function isSecret(key: ConfigKey): boolean {
  return key === 'astrometry_api_key';
}

/** The value of a key as others may read it: a secret that is set is there as the mask, as are user and password in an address. */
export function withoutSecret(key: ConfigKey, value: unknown): unknown {
  if (isSecret(key)) return value === '' || value === null ? value : MASK;
  return typeof value === 'string' ? value.replace(USER_IN_ADDRESS, `$1${MASK}@`) : value;
}

/** The configuration as reports and records may hold it. */
export function withoutSecrets(config: RunConfig): RunConfig {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, withoutSecret(key as ConfigKey, value)]),
  ) as unknown as RunConfig;
}
