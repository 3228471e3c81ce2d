// Values that nobody but the user and the service they are for should read.
import type { ConfigKey, RunConfig } from './table.js';

/** Whether the value of a key is for nobody else's eyes. */
export function isSecret(key: ConfigKey): boolean {
  return key === 'astrometry_api_key';
}

/** Stands for a secret that is set where it is not to be read. */
export const MASK = '***';

/** The configuration as reports and records may hold it: what is set and secret is there as the mask. */
export function withoutSecrets<C extends Pick<RunConfig, 'astrometry_api_key'>>(config: C): C {
  return config.astrometry_api_key === '' ? config : { ...config, astrometry_api_key: MASK };
}
