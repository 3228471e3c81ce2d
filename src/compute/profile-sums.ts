// Sums of calls, time and traffic by kernel and transfer since they were last taken: what every backend's `takeProfile` gives.
import type { KernelProfile } from './backend.js';

export class ProfileSums {
  private entries = new Map<
    KernelProfile['stem'],
    { -readonly [K in keyof KernelProfile]: KernelProfile[K] }
  >();

  add({ stem, calls, seconds, bytes }: KernelProfile): void {
    const entry = this.entries.get(stem);
    if (entry) {
      entry.calls += calls;
      entry.seconds += seconds;
      entry.bytes += bytes;
    } else this.entries.set(stem, { stem, calls, seconds, bytes });
  }

  /** Books `copy`, which the host does, as one transfer of so many bytes. */
  timed<T>(stem: 'upload' | 'read_back', bytes: number, copy: () => T): T {
    const start = performance.now();
    const result = copy();
    this.add({ stem, calls: 1, seconds: (performance.now() - start) / 1e3, bytes });
    return result;
  }

  take(): KernelProfile[] {
    const taken = [...this.entries.values()];
    this.entries = new Map();
    return taken;
  }
}
