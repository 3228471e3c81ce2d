// Places buffers in the one shared memory of the wasm backend.
import { HEAP_START } from './control-area.js';

/** Buffers start on cache lines; vector loads may reach this far beyond their end. */
const LINE = 64;
const PAGE = 65536;

export interface Block {
  readonly address: number;
  /** Bytes taken, at least those asked for. */
  readonly bytes: number;
}

/**
 * The smallest gap that fits, of equal ones the first, of a sorted list of gaps: what is large stays so for those that need it, and fewer pages are touched. Neighbouring gaps merge, so what is
 * freed is whole again. Contents are not cleared.
 */
export class SharedHeap {
  private readonly gaps: { address: number; bytes: number }[] = [];

  /** `limitBytes`: size beyond which the memory is never grown. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly limitBytes: number,
  ) {
    const bytes = memory.buffer.byteLength - HEAP_START;
    if (bytes > 0) this.gaps.push({ address: HEAP_START, bytes });
  }

  /** Undefined where neither a gap nor the growth of the memory gives that much in one piece. */
  allocate(wanted: number): Block | undefined {
    const bytes = Math.ceil(wanted / LINE) * LINE + LINE;
    let i = this.smallestOf(bytes);
    if (i < 0) {
      if (!this.grow(bytes)) return undefined;
      i = this.gaps.length - 1;
    }
    const gap = this.gaps[i];
    const { address } = gap;
    gap.address += bytes;
    gap.bytes -= bytes;
    if (gap.bytes === 0) this.gaps.splice(i, 1);
    return { address, bytes };
  }

  /** Number of the smallest gap of at least `bytes`, or -1. */
  private smallestOf(bytes: number): number {
    const { gaps } = this;
    let best = -1;
    for (let i = 0; i < gaps.length; i++) {
      if (gaps[i].bytes >= bytes && (best < 0 || gaps[i].bytes < gaps[best].bytes)) best = i;
    }
    return best;
  }

  release({ address, bytes }: Block): void {
    let i = this.gaps.findIndex((gap) => gap.address > address);
    if (i < 0) i = this.gaps.length;
    const before = this.gaps[i - 1];
    const after = this.gaps[i];
    const joinsBefore = before !== undefined && before.address + before.bytes === address;
    const joinsAfter = after !== undefined && address + bytes === after.address;
    if (joinsBefore) {
      before.bytes += bytes + (joinsAfter ? after.bytes : 0);
      if (joinsAfter) this.gaps.splice(i, 1);
    } else if (joinsAfter) {
      after.address = address;
      after.bytes += bytes;
    } else {
      this.gaps.splice(i, 0, { address, bytes });
    }
  }

  /** Bytes that could still be placed, gaps and growth together. */
  freeBytes(): number {
    const growth = this.limitBytes - this.memory.buffer.byteLength;
    return this.gaps.reduce((sum, gap) => sum + gap.bytes, growth);
  }

  /** Makes the last gap, at the end of the memory, at least `bytes` long. */
  private grow(bytes: number): boolean {
    const size = this.memory.buffer.byteLength;
    const last = this.gaps.at(-1);
    const atEnd = last !== undefined && last.address + last.bytes === size ? last : undefined;
    const more = Math.ceil((bytes - (atEnd?.bytes ?? 0)) / PAGE) * PAGE;
    if (size + more > this.limitBytes) return false;
    try {
      this.memory.grow(more / PAGE);
    } catch (error) {
      // The system has no more, though the limit would allow it: reported by the caller, who knows for what.
      if (error instanceof RangeError) return false;
      throw error;
    }
    if (atEnd) atEnd.bytes += more;
    else this.gaps.push({ address: size, bytes: more });
    return true;
  }
}
