// Float32 samples that a program decodes where they have come: half the memory, and none that is fresh.
import { SAMPLE_F32 } from '../../compute/contracts/decode.js';
import { freeOfDecoded, type KernelStep, type Step, usersOf } from './op-users.js';

/** The operations with the samples of a file uploaded to the image that a decode makes of them, where nobody else looks at them and each has its own place there. */
export function decodeInPlace(ops: readonly Step[]): readonly Step[] {
  const decodes = ops.filter(isEach);
  if (decodes.length === 0) return ops;
  const users = usersOf(ops);
  const made = new Map<Step, readonly Step[]>();
  for (const decode of decodes) {
    const { raw, image } = decode.buffers;
    const free = freeOfDecoded(raw, decode, users);
    const [alloc, first] = users.get(image)!;
    if (!free || raw.length !== image.length || alloc.op !== 'alloc' || alloc.late || first !== decode)
      continue;
    const [rawAlloc, ...others] = users.get(raw)!;
    made.set(rawAlloc, ops.indexOf(alloc) > ops.indexOf(rawAlloc) ? [alloc] : []);
    if (ops.indexOf(alloc) > ops.indexOf(rawAlloc)) made.set(alloc, []);
    for (const op of others) if (op.op === 'upload') made.set(op, [{ ...op, handle: image }]);
    made.set(decode, [{ ...decode, buffers: { raw: image, image } }]);
    made.set(free, []);
  }
  return ops.flatMap((op) => made.get(op) ?? [op]);
}

/** A decode of float32 samples that leaves none of them out. */
function isEach(op: Step): op is KernelStep {
  if (op.op !== 'kernel' || op.stem !== 'decode') return false;
  const { sampleType, rowSamples, width } = op.params;
  return sampleType === SAMPLE_F32 && rowSamples === width;
}
