// Memory of the host that the device copies from, mapped again and again: what the queue's own copies take is new each time, and of megabytes new memory costs more than the copy.
import { pooledSize } from './buffer-pool.js';
import type { GpuProvider } from './provider.js';

/** Bytes that are kept for the next uploads. */
const MAX_IDLE_BYTES = 2 ** 26;

export class UploadStaging {
  /** Mapped, by size. */
  private readonly idle = new Map<number, GPUBuffer[]>();
  private idleBytes = 0;
  private readonly usage: GPUBufferUsageFlags;
  private readonly write: GPUMapModeFlags;

  constructor(
    private readonly device: GPUDevice,
    { bufferUsage, mapMode }: Pick<GpuProvider, 'bufferUsage' | 'mapMode'>,
  ) {
    this.usage = bufferUsage.MAP_WRITE | bufferUsage.COPY_SRC;
    this.write = mapMode.WRITE;
  }

  /** A buffer that begins with these bytes, for commands to copy from. */
  holding(bytes: Uint8Array): GPUBuffer {
    const size = pooledSize(bytes.byteLength);
    const kept = this.idle.get(size)?.pop();
    if (kept) this.idleBytes -= size;
    const buffer =
      kept ?? this.device.createBuffer({ label: 'upload', size, usage: this.usage, mappedAtCreation: true });
    new Uint8Array(buffer.getMappedRange(0, bytes.byteLength)).set(bytes);
    buffer.unmap();
    return buffer;
  }

  /** To be called when the commands that copy from it were submitted; it serves again when they are done, and resolves then. */
  async giveBack(buffer: GPUBuffer): Promise<void> {
    try {
      await buffer.mapAsync(this.write);
    } catch {
      // the device is lost or closed, of which others hear
      return;
    }
    if (this.idleBytes + buffer.size > MAX_IDLE_BYTES) return buffer.destroy();
    this.idleBytes += buffer.size;
    const shelf = this.idle.get(buffer.size);
    if (shelf) shelf.push(buffer);
    else this.idle.set(buffer.size, [buffer]);
  }

  /** Destroys all that lies idle. */
  empty(): void {
    for (const shelf of this.idle.values()) for (const buffer of shelf) buffer.destroy();
    this.idle.clear();
    this.idleBytes = 0;
  }
}
