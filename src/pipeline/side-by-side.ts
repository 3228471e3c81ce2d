// Several waits at a time, and their results in order.

/**
 * Does `work` on all items, at most `atOnce` at a time, and hands the results to `each` in the items' order, each as soon as all before it are there.
 * When something throws no further work begins, what has begun is waited for, and the first error goes on.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
  each: (result: R, index: number) => void | Promise<void>,
): Promise<void> {
  const waiting = new Map<number, R>();
  let failure: { readonly error: unknown } | undefined;
  let [begun, handed] = [0, 0];
  let handing = Promise.resolve();
  const handOver = async (): Promise<void> => {
    for (; !failure && waiting.has(handed); handed++) {
      const result = waiting.get(handed)!;
      waiting.delete(handed);
      await each(result, handed);
    }
  };
  const worker = async (): Promise<void> => {
    try {
      while (!failure && begun < items.length) {
        const index = begun++;
        waiting.set(index, await work(items[index], index));
        await (handing = handing.then(handOver));
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, atOnce) }, worker));
  if (failure) throw failure.error;
}
