// Sums of counts are taken on the device: what is read back of them is a word pair of each workgroup instead of the counts.
import { sharedShader } from './shader-source.js';

/** As in `shaders/shared/word-sums.wgsl`. */
const GROUP_THREADS = 64;
/** Enough to keep a large device busy; what they leave to the host is 8 KiB. */
const MOST_GROUPS = 1024;
/** Of a sum: its lower and its upper 32 bits. */
const SUM_BYTES = 8;

export class WordSums {
  private pipeline: GPUComputePipeline | undefined;
  private preparing: Promise<void> | undefined;

  constructor(private readonly device: GPUDevice) {}

  /** Bytes of the sums that `record` leaves of so many bytes of words. */
  static bytesFor(bytes: number): number {
    return SUM_BYTES * groupsFor(bytes);
  }

  /** Compiles beside other work. What fails then fails when it is needed. */
  prepare(): Promise<void> {
    if (this.pipeline) return Promise.resolve();
    this.preparing ??= this.device.createComputePipelineAsync(this.described()).then(
      (pipeline) => void (this.pipeline ??= pipeline),
      () => undefined,
    );
    return this.preparing;
  }

  /** Adds the pass that sums the first `bytes` of `words` up into `sums`. */
  record(encoder: GPUCommandEncoder, words: GPUBuffer, bytes: number, sums: GPUBuffer): void {
    const pipeline = (this.pipeline ??= this.device.createComputePipeline(this.described()));
    const resources = [
      { buffer: words, size: bytes },
      { buffer: sums, size: WordSums.bytesFor(bytes) },
    ];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const group = this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const pass = encoder.beginComputePass({ label: 'word sums' });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groupsFor(bytes));
    pass.end();
  }

  private described(): GPUComputePipelineDescriptor {
    const label = 'word sums';
    const module = this.device.createShaderModule({ label, code: sharedShader('word-sums') });
    return { label, layout: 'auto', compute: { module, entryPoint: 'main' } };
  }
}

function groupsFor(bytes: number): number {
  return Math.min(MOST_GROUPS, Math.ceil(bytes / Uint32Array.BYTES_PER_ELEMENT / GROUP_THREADS));
}

/** The sum of all, in the two words of `wordSum`; exact below 2^53. */
export function addedUp(sums: Uint32Array): Uint32Array {
  let [low, high] = [0, 0];
  for (let i = 0; i < sums.length; i += 2) {
    low += sums[i];
    high += sums[i + 1];
  }
  return Uint32Array.of(low % 2 ** 32, high + Math.floor(low / 2 ** 32));
}
