/** First address that the host may use. */
export function memoryStart(): usize {
  return (__heap_base + 15) & ~15;
}
