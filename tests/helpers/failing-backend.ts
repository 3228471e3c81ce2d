// A backend that fails on purpose, for tests of what happens then.
import type { ComputeBackend, Op, Program } from '../../src/compute/backend.js';
import { DeviceCapacityError } from '../../src/compute/device-error.js';
import { GpuError } from '../../src/gpu/gpu-error.js';

/** Loses its device at submission `at` (from 0) of the programs that count and stays lost: what is under way fails too. */
export function losingBackend(
  inner: ComputeBackend,
  at: number,
  counts: (program: Program) => boolean = () => true,
): ComputeBackend & { submissions(): number } {
  let submissions = 0;
  const lost = () => new GpuError('gpu_device_lost', { adapter: 'test', reason: 'injected' });
  const wrapped = wrap(inner, async (program) => {
    if (counts(program) ? submissions++ >= at : submissions > at) throw lost();
    const result = await inner.submit(program);
    if (submissions > at) throw lost();
    return result;
  });
  return { ...wrapped, submissions: () => submissions };
}

/** Has no room for buffers above a size, by telling so when they are allocated. */
export function smallBackend(inner: ComputeBackend, maxBytes: number): ComputeBackend {
  return wrap(inner, async (program) => {
    const tooLarge = program.ops.find((op) => op.op === 'alloc' && op.handle.length * 4 > maxBytes);
    if (tooLarge) throw capacityError(program, tooLarge);
    return inner.submit(program);
  });
}

function capacityError(program: Program, op: Op): DeviceCapacityError {
  const label = op.op === 'alloc' ? op.handle.label : '';
  return new DeviceCapacityError('compute_out_of_memory', { program: program.label, label, bytes: 0 });
}

function wrap(inner: ComputeBackend, submit: ComputeBackend['submit']): ComputeBackend {
  return {
    info: { ...inner.info, name: 'webgpu', device: 'failing adapter' },
    supports: (stem) => inner.supports(stem),
    submit,
    resident: () => inner.resident(),
    takeProfile: () => inner.takeProfile(),
    close: () => inner.close(),
  };
}
