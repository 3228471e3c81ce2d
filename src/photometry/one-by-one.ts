// Lists that need not stand in memory all at once.

/** A list whose elements may be made when they are asked for, and void once the next is: an array of them, or what makes them. */
export interface OneByOne<T> {
  readonly length: number;
  /** Element `f`, 0 to `length - 1`. */
  at(f: number): T | undefined;
}

/** Elements made by `make`, which may write each to the memory of the one before. */
export function oneByOne<T>(length: number, make: (f: number) => T): OneByOne<T> {
  return { length, at: make };
}
