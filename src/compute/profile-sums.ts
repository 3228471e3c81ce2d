// Sums of calls, time and traffic by kernel and transfer since they were last taken: what every backend's `takeProfile` gives.
import type { KernelProfile } from './backend.js';

export class ProfileSums {
  private entries = new Map<KernelProfile['stem'], KernelProfile>();

  add({ stem, calls, seconds, bytes }: KernelProfile): void {
    const sofar = this.entries.get(stem) ?? { stem, calls: 0, seconds: 0, bytes: 0 };
    this.entries.set(stem, {
      stem,
      calls: sofar.calls + calls,
      seconds: sofar.seconds + seconds,
      bytes: sofar.bytes + bytes,
    });
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
