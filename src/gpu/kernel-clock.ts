// Times the kernels of a program on the device, by a pair of timestamps around each pass.
import type { GpuProvider } from './provider.js';

/** WebGPU allows this many queries in a set; kernels beyond are counted with no time. */
const MAX_QUERIES = 4096;

const TIMESTAMP_BYTES = 8;
const NANOSECOND = 1e-9;

/** One program's timestamps. It is used again, and goes with its device. */
export class KernelClock {
  /** Kernels that it can time. */
  readonly capacity: number;
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly arrived: GPUBuffer;
  private readonly mapRead: number;
  private timed = 0;

  constructor(device: GPUDevice, { bufferUsage: usage, mapMode }: GpuProvider, kernels: number) {
    // Powers of two, so that programs of about the same length share clocks.
    const count = Math.min(2 ** Math.ceil(Math.log2(2 * kernels)), MAX_QUERIES);
    this.capacity = count / 2;
    const size = count * TIMESTAMP_BYTES;
    this.mapRead = mapMode.READ;
    this.queries = device.createQuerySet({ type: 'timestamp', count });
    this.resolved = device.createBuffer({ size, usage: usage.QUERY_RESOLVE | usage.COPY_SRC });
    this.arrived = device.createBuffer({ size, usage: usage.MAP_READ | usage.COPY_DST });
  }

  /** What the pass of the next kernel carries to be timed. */
  next(): GPUComputePassTimestampWrites | undefined {
    if (this.timed === this.capacity) return undefined;
    const at = 2 * this.timed++;
    return { querySet: this.queries, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
  }

  /** After the last kernel, into the same encoder. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.timed;
    encoder.resolveQuerySet(this.queries, 0, count, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.arrived, 0, count * TIMESTAMP_BYTES);
  }

  /** Waits for the device; seconds of each timed kernel, in order. The clock may be used again afterwards. */
  async collect(): Promise<number[]> {
    await this.arrived.mapAsync(this.mapRead);
    const times = new BigUint64Array(this.arrived.getMappedRange());
    // A driver may reset its counter between the two of a pair: such a pair counts as no time.
    const seconds = Array.from({ length: this.timed }, (_, i) =>
      Math.max(0, Number(times[2 * i + 1] - times[2 * i]) * NANOSECOND),
    );
    this.arrived.unmap();
    this.timed = 0;
    return seconds;
  }
}
