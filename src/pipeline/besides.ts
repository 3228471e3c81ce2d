// Two works at a time, neither of which outlives the other.

/** Both results, when both have ended; where one fails the other is waited for, and of two failures the first work's goes on. */
export async function besides<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
