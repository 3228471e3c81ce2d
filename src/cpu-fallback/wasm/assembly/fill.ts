// Zeroes a part of a buffer: what `alloc` promises, done only where nothing else writes first.

/** Units of fill, bytes. */
const UNIT: usize = 4096;

/** `job` holds address and bytes; units are pieces of UNIT bytes. */
export function fill(job: usize, from: u32, to: u32, _scratch: usize): void {
  const at = load<u32>(job);
  const bytes = load<u32>(job, 4);
  const start = <usize>from * UNIT;
  const end = min<usize>(<usize>to * UNIT, bytes);
  memory.fill(at + start, 0, end - start);
}
