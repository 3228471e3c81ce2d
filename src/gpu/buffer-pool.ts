// Device memory by size: buffers given back are kept for the next cell, up to a bound, because allocation is slow on every driver.

/** WebGPU wants multiples of 4; alignment of what is copied and cleared is this at most. */
const GRAIN = 256;
/** Windows of a cell differ by a few rows each: sizes are rounded up to one of so many steps between a power of two and the next, so that they share buffers. */
const STEPS = 8;
/** Cubes and results of cells are few, often the same, and too large for a share of them to be given away. */
const EXACT_BYTES = 2 ** 25;

/** Bytes of the buffer that holds so many. */
export function pooledSize(bytes: number): number {
  const step = bytes < EXACT_BYTES ? 2 ** Math.floor(Math.log2(Math.max(1, bytes))) / STEPS : GRAIN;
  const grain = Math.max(GRAIN, step);
  return Math.ceil(bytes / grain) * grain;
}

/**
 * Buffers of one usage. A buffer that is taken again still holds its old bytes: `fresh` says whether it is zero. Giving back is safe
 * before the work that uses the buffer was submitted; what exceeds the bound is destroyed by the next `settle`, which the owner
 * calls when nothing recorded is left unsubmitted. The bound of what lies idle is `maxIdleBytes`, or more where all together are no more than were once out at a time.
 */
export class BufferPool {
  private readonly idle = new Map<number, GPUBuffer[]>();
  private idleBytes = 0;
  private outBytes = 0;
  private mostOutBytes = 0;
  private doomed: GPUBuffer[] = [];

  constructor(
    private readonly device: Pick<GPUDevice, 'createBuffer'>,
    private readonly usage: GPUBufferUsageFlags,
    private readonly maxIdleBytes: number,
  ) {}

  take(bytes: number, label: string): { readonly buffer: GPUBuffer; readonly fresh: boolean } {
    const size = pooledSize(bytes);
    const kept = this.idle.get(size)?.pop();
    this.outBytes += size;
    this.mostOutBytes = Math.max(this.mostOutBytes, this.outBytes);
    if (kept !== undefined) {
      this.idleBytes -= size;
      return { buffer: kept, fresh: false };
    }
    // What lies idle in other sizes must not stand in the way of a new cell's buffers.
    if (this.idleBytes > Math.max(this.maxIdleBytes - size, this.mostOutBytes - this.outBytes)) this.clear();
    return { buffer: this.device.createBuffer({ label, size, usage: this.usage }), fresh: true };
  }

  give(buffer: GPUBuffer): void {
    this.outBytes -= buffer.size;
    if (this.idleBytes + buffer.size > Math.max(this.maxIdleBytes, this.mostOutBytes - this.outBytes)) {
      this.doomed.push(buffer);
      return;
    }
    const shelf = this.idle.get(buffer.size);
    if (shelf === undefined) this.idle.set(buffer.size, [buffer]);
    else shelf.push(buffer);
    this.idleBytes += buffer.size;
  }

  /** Destroys one that was taken and that nobody is to have again: of a program that failed, perhaps because all that was out with it was too much. */
  drop(buffer: GPUBuffer): void {
    this.outBytes -= buffer.size;
    this.mostOutBytes = this.outBytes;
    buffer.destroy();
  }

  /** Destroys all that lies idle, of a device that has no memory left or is closed; that as much was out at a time says no more what it can hold. */
  empty(): void {
    this.clear();
    this.settle();
    this.mostOutBytes = this.outBytes;
  }

  /** Dooms all that lies idle. */
  clear(): void {
    for (const shelf of this.idle.values()) this.doomed.push(...shelf);
    this.idle.clear();
    this.idleBytes = 0;
  }

  settle(): void {
    for (const buffer of this.doomed) buffer.destroy();
    this.doomed = [];
  }
}
