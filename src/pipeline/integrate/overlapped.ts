// Cells one after the other on one device, with what is around them beside it.

/**
 * `compute` is called for 0 to count - 1 in turn: for the next when the one before calls `isOnItsWay` or is done, and the one before that is finished. So the
 * device has the next cell while the results of one come back and are written. `finish` is called in the same order, for one at a time. Rejects with the first
 * failure, when nothing is under way any more.
 */
export async function overlapped<T>(
  count: number,
  compute: (turn: number, isOnItsWay: () => void) => Promise<T>,
  finish: (result: T) => Promise<void>,
): Promise<void> {
  let before = Promise.resolve();
  let newest = before;
  try {
    for (let turn = 0; turn < count; turn++) {
      let isOnItsWay = () => {};
      const onItsWay = new Promise<void>((resolve) => (isOnItsWay = resolve));
      const computed = compute(turn, isOnItsWay);
      const previous = before;
      newest = (async () => {
        const result = await computed;
        await previous;
        await finish(result);
      })();
      // Whether it failed is asked when the next cell has begun, and at the end.
      newest.catch(() => undefined);
      await Promise.race([onItsWay, computed]);
      await before;
      before = newest;
    }
    await before;
  } finally {
    await Promise.allSettled([before, newest]);
  }
}
