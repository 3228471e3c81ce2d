// The share of the thread that asks: it takes chunks like the threads of the pool, and its event loop has its turn between them.
import { setImmediate } from 'node:timers/promises';
import { type ShareStart, StepShare } from './step-share.js';

/** As long as this, in milliseconds, it takes one chunk after the other before everything else has its turn. */
const TURN_MS = 4;
/** It waits this long, in milliseconds, for chunks of others before everything else has its turn. */
const WAIT_MS = 2;

export class OwnShare {
  readonly #share: StepShare;

  constructor(start: ShareStart) {
    this.#share = new StepShare(start);
  }

  /** Takes part in steps 0..steps-1 until all are done, or everybody is to stop. Throws what a kernel throws. */
  async run(steps: number): Promise<void> {
    const share = this.#share;
    // what whoever asks has left to do comes first, and the others begin meanwhile
    await setImmediate();
    let turn = performance.now() + TURN_MS;
    const haveTurns = async () => {
      await setImmediate();
      turn = performance.now() + TURN_MS;
    };
    for (let i = 0; i < steps; i++) {
      const step = share.step(i);
      while (!share.isAborted && step.doChunk()) if (performance.now() > turn) await haveTurns();
      while (!share.isAborted && !step.isDone) {
        step.wait(WAIT_MS);
        if (!step.isDone) await haveTurns();
      }
      if (share.isAborted) return;
    }
  }
}
