// Whether a little of a disk is read by the thread that asks: the way through the thread pool and back takes ten times as long, but nobody else is to stand still for a slow disk.
import { setImmediate } from 'node:timers/promises';

/** A disk that is waited for this long, in milliseconds, so many times in turn, is slow: then the thread pool waits for it ... */
const SLOW_MS = 3;
/** ... for one time alone the thread may have lost the processor to somebody else ... */
const SLOW_TIMES = 4;
/** ... so many calls long, before the disk is asked again. */
const REST_CALLS = 64;
/** As long as this, in milliseconds, the disk may be asked before signals and timers have their turn. */
const TURN_MS = 15;

export class DiskPatience {
  #slowTimes = 0;
  #rest = 0;
  #turn = 0;

  /** The disk is slow: who asks it now asks the thread pool, and tells by `rested`. */
  get isOut(): boolean {
    return this.#rest > 0;
  }

  rested(): void {
    if (this.#rest > 0) this.#rest--;
  }

  /** What `call` gives, which asks the disk at once. */
  now<T>(call: () => T): T {
    const start = performance.now();
    try {
      return call();
    } finally {
      this.#slowTimes = performance.now() - start > SLOW_MS ? this.#slowTimes + 1 : 0;
      if (this.#slowTimes === SLOW_TIMES) {
        this.#slowTimes = 0;
        this.#rest = REST_CALLS;
      }
    }
  }

  /** The same at once while the disk is quick, otherwise by `later`, which leaves the waiting to the thread pool. */
  async ask<T>(call: () => T, later: () => Promise<T>): Promise<T> {
    if (this.isOut) {
      this.rested();
      return later();
    }
    if (performance.now() - this.#turn > TURN_MS) {
      await setImmediate();
      this.#turn = performance.now();
    }
    return this.now(call);
  }
}

/** Of all files that are opened, and looked at, one by one. */
export const diskPatience = new DiskPatience();
