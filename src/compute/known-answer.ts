// A small program through every kernel whose answer is known: run at the start, so that a backend that computes wrongly on this machine is
// never chosen.
import type { ComputeBackend, Handle, Op } from './backend.js';
import { BLANK_LIMIT } from './constants.js';
import type { KernelContract } from './contract.js';
import { contracts, type KernelStem, kernelStems } from './contracts/index.js';
import { knownCases } from './known-answer-cases.js';
import { frozenAnswers } from './known-answer-values.js';

/** Relative error that float32 arithmetic in any order stays under for these sums (up to 36 terms), and its floor in ADU. */
const TOLERANCE = 1e-5;
const FLOOR = 10;

/**
 * The stems whose answer differs from the frozen one on this backend, empty when all is right. Kernels that the backend does not
 * support are left out. Rejects as `submit` does; leaves nothing resident.
 */
export async function wrongAnswers(backend: ComputeBackend): Promise<KernelStem[]> {
  await prepareKnownAnswer(backend);
  const stems = kernelStems.filter((stem) => backend.supports(stem) === true);
  const ops: Op[] = [];
  const outputs: { stem: KernelStem; expected: readonly number[] }[] = [];
  for (const stem of stems) {
    const { params, inputs } = knownCases[stem];
    const buffers: Record<string, Handle> = {};
    const contract = contracts[stem] as unknown as KernelContract;
    for (const { name, element, length } of contract.buffers) {
      const handle: Handle = { label: `known answer ${stem} ${name}`, element, length: length(params) };
      buffers[name] = handle;
      ops.push({ op: 'alloc', handle });
      if (inputs[name]) ops.push({ op: 'upload', handle, data: inputs[name] });
    }
    ops.push({ op: 'kernel', stem, params, buffers });
    for (const [name, expected] of Object.entries(frozenAnswers[stem])) {
      const offset = buffers[name].length - expected.length;
      ops.push({ op: 'read', handle: buffers[name], offset, length: expected.length });
      outputs.push({ stem, expected });
    }
    for (const handle of Object.values(buffers)) ops.push({ op: 'free', handle });
  }
  const { reads } = await backend.submit({ label: 'known answer', ops });
  const wrong = outputs.filter(({ expected }, i) => !agree(reads[i], expected));
  return [...new Set(wrong.map(({ stem }) => stem))];
}

/** Makes the kernels ready. */
export async function prepareKnownAnswer(backend: ComputeBackend): Promise<void> {
  await backend.prepare?.(kernelStems.map((stem) => ({ stem, params: knownCases[stem].params })));
}

function agree(actual: Float32Array | Uint32Array, expected: readonly number[]): boolean {
  return expected.every((value, i) => {
    if (!(value > BLANK_LIMIT)) return actual[i] === value;
    return Math.abs(actual[i] - value) <= TOLERANCE * Math.max(Math.abs(value), FLOOR);
  });
}
