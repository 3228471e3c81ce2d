// What the configuration says about what stays and what goes; four keys, as the user set them.

/** When entries of the preprocessed-frame cache are deleted. */
export type CacheRetention = 'keep' | 'per_tile' | 'run_end';

/** The configuration keys that govern a teardown. */
export interface TeardownPolicy {
  /** `cleanup_temp_artifacts`, the master switch. */
  readonly cleanupTempArtifacts: boolean;
  /** `coadd_use_memmap`. */
  readonly coaddUseMemmap: boolean;
  /** `coadd_cleanup_memmap`. */
  readonly coaddCleanupMemmap: boolean;
  /** `cache_retention`; independent of the switch. */
  readonly cacheRetention: CacheRetention;
}
