// Sums of calls, time and traffic by kernel since they were last taken.
import type { KernelProfile } from '../compute/backend.js';
import type { KernelStem } from '../compute/contracts/index.js';

/** One dispatched kernel. */
export interface Call {
  readonly stem: KernelStem;
  /** Bytes of the buffers that it binds. */
  readonly bytes: number;
}

export class Profile {
  private entries = new Map<KernelStem, KernelProfile>();

  add({ stem, bytes }: Call, seconds: number): void {
    this.merge([{ stem, calls: 1, seconds, bytes }]);
  }

  /** Adds sums that were taken elsewhere. */
  merge(taken: readonly KernelProfile[]): void {
    for (const { stem, calls, seconds, bytes } of taken) {
      const sofar = this.entries.get(stem) ?? { stem, calls: 0, seconds: 0, bytes: 0 };
      this.entries.set(stem, {
        stem,
        calls: sofar.calls + calls,
        seconds: sofar.seconds + seconds,
        bytes: sofar.bytes + bytes,
      });
    }
  }

  take(): KernelProfile[] {
    const taken = [...this.entries.values()];
    this.entries = new Map();
    return taken;
  }
}
