// Time, bytes and items of every stage of a run, by the backend that ran it: what reports and headers carry.
import type { KernelProfile } from '../compute/backend.js';
import type { StageTiming } from '../report/events.js';

/** Sums by stage and backend. Concurrent work of one stage adds up: `wallMs` is then time spent, not time elapsed. */
export class StageLedger {
  private readonly entries = new Map<string, { wallMs: number; bytes: number; items: number }>();

  /** Times `work` and books it with the bytes it names. */
  async time<T>(
    stage: string,
    backend: string,
    work: () => Promise<{ result: T; bytes: number }>,
  ): Promise<T> {
    const start = performance.now();
    const { result, bytes } = await work();
    this.add(stage, backend, performance.now() - start, bytes, 1);
    return result;
  }

  add(stage: string, backend: string, wallMs: number, bytes: number, items: number): void {
    const key = `${stage}\u0000${backend}`;
    const entry = this.entries.get(key) ?? { wallMs: 0, bytes: 0, items: 0 };
    entry.wallMs += wallMs;
    entry.bytes += bytes;
    entry.items += items;
    this.entries.set(key, entry);
  }

  /** Books what a backend measured of its kernels. */
  addProfile(backend: string, profile: readonly KernelProfile[]): void {
    for (const { stem, seconds, bytes, calls } of profile)
      this.add(stem, backend, seconds * 1000, bytes, calls);
  }

  /** All stages in the order of their first booking. */
  timings(): StageTiming[] {
    return [...this.entries].map(([key, entry]) => {
      const [stage, backend] = key.split('\u0000');
      return { stage, backend, ...entry };
    });
  }
}
