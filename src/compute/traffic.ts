// What a kernel moves: the figure that rates and shares of the memory bandwidth are told by.
import type { KernelContract } from './contract.js';

/** Of an element of either type. */
const BYTES = 4;

/**
 * Bytes that one call reads and writes, each element once, or twice where it is updated; of a cube, one slot where the call is about one. Caches and samples that stay
 * as they are make it less, neighbours that are read again more; what a backend leaves out of a cube that it knows to be blank it takes off.
 */
export function trafficBytes({ buffers }: KernelContract, params: Readonly<Record<string, number>>): number {
  let elements = 0;
  for (const { access, length, touched } of buffers)
    elements += touched ? touched(params) : length(params) * (access === 'update' ? 2 : 1);
  return BYTES * elements;
}
