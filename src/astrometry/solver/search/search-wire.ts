// Results of searches between threads: a WCS travels as its numbers and is, bit for bit, the same at the other end.
import { makeTanWcs } from '../../wcs/tan-wcs.js';
import type { WcsDescription } from '../../wcs/celestial-wcs.js';
import type { SearchTask } from './search-task.js';
import type { Solution, SolveResult } from '../solve-types.js';

/** What a thread is started with: the catalogue's bytes, shared, and what to call them. */
export interface SearchThreadStart {
  readonly catalogue: Uint8Array;
  readonly name: string;
}

/** What a thread is asked, and answers in its turn. */
export interface SearchRequest {
  readonly task: SearchTask;
}

export type SentResult =
  | ({ readonly solved: true; readonly wcs: WcsDescription } & Omit<Solution, 'wcs'>)
  | Extract<SolveResult, { solved: false }>;

export function sentResult(result: SolveResult): SentResult {
  return result.solved ? { ...result, wcs: result.wcs.describe() } : result;
}

export function receivedResult(sent: SentResult): SolveResult {
  if (!sent.solved) return sent;
  const { crval, crpix, cd, shape, sip } = sent.wcs;
  return { ...sent, wcs: makeTanWcs({ crval, crpix, cd, shape, sip }) };
}
