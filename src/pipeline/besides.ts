// Two works at a time, neither of which outlives the other.

/** Both results, when both have ended; where one fails the other is waited for, and of two failures the first work's goes on. */
export async function besides<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

/** Calls `take` with what `read` gives for 0 to count - 1, in turn; the next read is under way by then. Rejects with the first failure, when nothing is under way any more. */
export async function readingAhead<T>(
  count: number,
  read: (turn: number) => Promise<T>,
  take: (value: T, turn: number) => void,
): Promise<void> {
  const started: Promise<T>[] = [];
  const start = (turn: number) => {
    if (turn >= count) return;
    const reading = read(turn);
    // whether it failed is asked in its turn
    reading.catch(() => undefined);
    started.push(reading);
  };
  try {
    start(0);
    for (let turn = 0; turn < count; turn++) {
      // its first steps are taken while the one before is waited for
      start(turn + 1);
      const value = await started[0];
      void started.shift();
      take(value, turn);
    }
  } finally {
    await Promise.allSettled(started);
  }
}
