// Times every kernel of a backend on buffers that stay resident.
import type { ComputeBackend, Handle, Op } from '../../src/compute/backend.js';
import { contracts } from '../../src/compute/contracts/index.js';
import type { KernelContract } from '../../src/compute/contract.js';
import { trafficBytes } from '../../src/compute/traffic.js';
import { contentOf, type KernelCase, kernelCases } from './kernel-cases.js';

export interface KernelRow {
  readonly label: string;
  /** Million input samples a second of the kernel's own clock: the device's, or that of all threads. */
  readonly mpxPerSecond: number;
  /** The same per second of CPU time of this process, all threads; what a GPU does is not in it. */
  readonly mpxPerCpuSecond: number;
  /** What the kernel reads and writes once, over the time that it takes. */
  readonly gbPerSecond: number;
  /** That as a share of the memory bandwidth that was measured beside it. */
  readonly share: number;
}

/** Repeated until this much time was spent, so that short kernels are not lost in the clock. */
const SECONDS_EACH = 0.5;

/** So long the device works before anything is timed: the clock of an idle GPU is low. */
const WARM_UP_SECONDS = 0.3;

/** Calls of a kernel are submitted together until they take this long, or the waits between submissions let the clock down. */
const SUBMISSION_SECONDS = 0.01;
const MOST_CALLS = 20;

export async function benchKernels(
  backend: ComputeBackend,
  {
    side,
    bandwidth,
    secondsEach = SECONDS_EACH,
    only = /./,
  }: { side: number; bandwidth: number; secondsEach?: number; only?: RegExp },
  tell: (row: KernelRow) => void = () => undefined,
): Promise<KernelRow[]> {
  const rows: KernelRow[] = [];
  for (const one of kernelCases(side, backend.info.name === 'webgpu')) {
    if (!only.test(one.label)) continue;
    const { seconds, cpuSeconds, bytes } = await timeKernel(backend, one, secondsEach);
    const gbPerSecond = bytes / seconds / 1e9;
    const row = {
      label: one.label,
      mpxPerSecond: one.samples / seconds / 1e6,
      mpxPerCpuSecond: one.samples / cpuSeconds / 1e6,
      gbPerSecond,
      share: (1e9 * gbPerSecond) / bandwidth,
    };
    rows.push(row);
    tell(row);
  }
  return rows;
}

async function timeKernel(backend: ComputeBackend, one: KernelCase, secondsEach: number) {
  const contract = contracts[one.stem] as unknown as KernelContract;
  const buffers: Record<string, Handle> = {};
  const setup: Op[] = [];
  for (const { name, element, length, access } of contract.buffers) {
    const handle: Handle = { label: name, element, length: length(one.params) };
    buffers[name] = handle;
    setup.push({ op: 'alloc', handle });
    const data = access === 'write' ? undefined : contentOf(handle, one);
    if (data) setup.push({ op: 'upload', handle, data });
  }
  const handles = Object.values(buffers);
  await backend.submit({ label: 'bench setup', ops: setup });
  const call: Op = { op: 'kernel', stem: one.stem, params: one.params, buffers };
  const fence: Op = { op: 'read', handle: handles.at(-1)!, length: 1 };
  const secondsOf = async (calls: number): Promise<number> => {
    backend.takeProfile();
    await backend.submit({ label: 'bench', ops: [...new Array<Op>(calls).fill(call), fence] });
    return backend.takeProfile().find(({ stem }) => stem === one.stem)!.seconds / calls;
  };
  // The first call compiles.
  await secondsOf(1);
  const together = Math.round(SUBMISSION_SECONDS / Math.max(await secondsOf(1), 1e-9));
  const calls = Math.min(MOST_CALLS, Math.max(1, together));
  const times: number[] = [];
  const start = performance.now();
  const cpu = process.cpuUsage();
  do times.push(await secondsOf(calls));
  while (performance.now() - start < secondsEach * 1000);
  const { user } = process.cpuUsage(cpu);
  await backend.submit({ label: 'bench end', ops: handles.map((handle) => ({ op: 'free', handle })) });
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  return {
    /** Of one call. */
    seconds: Math.max(median, 1e-9),
    cpuSeconds: user / 1e6 / (calls * times.length),
    bytes: trafficBytes(contract, one.params),
  };
}

/** Bytes per second that a copy on one thread reads and writes, the best of several, over more than any cache holds. */
export function copyBandwidth(): number {
  const from = new Uint8Array(128 * 2 ** 20).fill(1);
  const to = new Uint8Array(from.length);
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    to.set(from);
    best = Math.max(best, (2 * from.length * 1000) / (performance.now() - begun));
  }
  return best;
}

/** The same on a device: two arrays of `pixels` read and one written by the plainest kernel, the best of several once the device is warm. */
export async function deviceBandwidth(backend: ComputeBackend, pixels: number): Promise<number> {
  const [sum, weight, mean] = ['sum', 'weight', 'mean'].map((label): Handle => ({
    label,
    element: 'f32',
    length: pixels,
  }));
  const handles = [sum, weight, mean];
  await backend.submit({ label: 'bandwidth', ops: handles.map((handle) => ({ op: 'alloc', handle })) });
  const params = { pixels, planes: 1 };
  const call: Op = { op: 'kernel', stem: 'coadd-normalise', params, buffers: { sum, weight, mean } };
  const fence: Op = { op: 'read', handle: mean, length: 1 };
  let best = 0;
  const start = performance.now();
  for (let i = 0; i < 6 || performance.now() - start < WARM_UP_SECONDS * 1000; i++) {
    backend.takeProfile();
    await backend.submit({ label: 'bandwidth', ops: [call, call, call, call, fence] });
    const { seconds } = backend.takeProfile().find(({ stem }) => stem === 'coadd-normalise')!;
    best = Math.max(best, (4 * 12 * pixels) / Math.max(seconds, 1e-9));
  }
  await backend.submit({ label: 'bandwidth', ops: handles.map((handle) => ({ op: 'free', handle })) });
  return best;
}
