// The cache of preprocessed frames: one file an entry, each with the number of steps that will still read it.
import type { CacheRetention } from './teardown-policy.js';
import { unlinkIfThere } from './journal/journal.js';

interface CacheHost {
  readonly retention: CacheRetention;
  readonly makeDir: () => Promise<string>;
  readonly makeFile: (dir: string, name: string) => Promise<string>;
  readonly forget: (file: string) => Promise<void>;
}

/** Entries of `temp_image_cache_dir`. */
export class FrameCache {
  readonly #consumers = new Map<string, number>();

  constructor(private readonly host: CacheHost) {}

  /**
   * Makes the empty file of a new entry, `zemosaic_frame_<name>`, that `consumers` steps will read; the cache
   * folder is made with the first one. Throws `WorkspaceError` when the name is taken.
   */
  async add(name: string, consumers: number): Promise<string> {
    const file = await this.host.makeFile(await this.host.makeDir(), `zemosaic_frame_${name}`);
    this.#consumers.set(file, consumers);
    return file;
  }

  /** One consumer is done with an entry; with `per_tile` the last one's leave deletes it. True when it did. */
  async release(file: string): Promise<boolean> {
    const left = (this.#consumers.get(file) ?? 1) - 1;
    this.#consumers.set(file, left);
    if (left > 0 || this.host.retention !== 'per_tile') return false;
    await unlinkIfThere(file);
    await this.host.forget(file);
    return true;
  }
}
