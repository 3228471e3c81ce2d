// Device memory by size: buffers given back are kept for the next cell, up to a bound, because allocation is slow on every driver.

/** Sizes are rounded up to this, so that windows of nearly the same size share buffers; WebGPU itself wants multiples of 4. */
const GRAIN = 256;

/**
 * Buffers of one usage. A buffer that is taken again still holds its old bytes: `fresh` says whether it is zero. Giving back is safe
 * before the work that uses the buffer was submitted; what exceeds the bound is destroyed by the next `settle`, which the owner
 * calls when nothing recorded is left unsubmitted.
 */
export class BufferPool {
  private readonly idle = new Map<number, GPUBuffer[]>();
  private idleBytes = 0;
  private doomed: GPUBuffer[] = [];

  constructor(
    private readonly device: GPUDevice,
    private readonly usage: GPUBufferUsageFlags,
    private readonly maxIdleBytes: number,
  ) {}

  take(bytes: number, label: string): { readonly buffer: GPUBuffer; readonly fresh: boolean } {
    const size = Math.ceil(bytes / GRAIN) * GRAIN;
    const kept = this.idle.get(size)?.pop();
    if (kept !== undefined) {
      this.idleBytes -= size;
      return { buffer: kept, fresh: false };
    }
    // What lies idle in other sizes must not stand in the way of a new cell's buffers.
    if (this.idleBytes + size > this.maxIdleBytes) this.clear();
    return { buffer: this.device.createBuffer({ label, size, usage: this.usage }), fresh: true };
  }

  give(buffer: GPUBuffer): void {
    if (this.idleBytes + buffer.size > this.maxIdleBytes) {
      this.doomed.push(buffer);
      return;
    }
    const shelf = this.idle.get(buffer.size);
    if (shelf === undefined) this.idle.set(buffer.size, [buffer]);
    else shelf.push(buffer);
    this.idleBytes += buffer.size;
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
