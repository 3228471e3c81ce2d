// Whether wall time or processor time is what a run should spare.

/** What a run needs at any time: the thread that asks, and V8's compilers and collectors. */
const BUSY = 2;

/** Of the processors that a run may use, those that would have nothing to do for long parts of it: there a thread may cost more than it saves if all is through sooner. */
export const spareProcessors = (processors: number): number => Math.max(0, processors - BUSY);
