// Does a stack band by band: one is lent while the threads make the next.
import type { Handle, Program } from '../../compute/backend.js';
import { contractOf } from './inner-contracts.js';
import { packJob } from './job-layout.js';
import type { Pass } from './kernel-passes.js';
import type { LentReads, MadeReads } from './lent-reads.js';
import type { ResidentBuffer } from './resident-buffer.js';
import type { StepList } from './step-list.js';
import type { StepRunner } from './step-runner.js';
import type { ResultBand, WasmKernelOp } from './wasm-ops.js';

interface Bands {
  readonly memory: WebAssembly.Memory;
  readonly steps: StepList;
  readonly runner: StepRunner;
  readonly lent: LentReads;
  readonly bufferOf: (handle: Handle) => ResidentBuffer;
}

/** The call as it is made ready for the first band. */
interface ReadyCall {
  readonly op: WasmKernelOp;
  readonly params: Readonly<Record<string, number>>;
  readonly addresses: readonly number[];
  readonly pass: Pass;
  /** Samples of all bands that were not looked at. */
  readonly leftOut: (() => number) | undefined;
}

/** Lends all bands but the last, whose reads it returns. All memory has been placed: that there is none is not heard once anything is lent. Rejects with what `lend` or the threads reject with. */
export async function stackInBands(
  program: Program,
  bands: readonly ResultBand[],
  { op, params, addresses, pass, leftOut }: ReadyCall,
  { memory, steps, runner, lent, bufferOf }: Bands,
): Promise<MadeReads> {
  const roles = contractOf(op.stem).buffers;
  const lending: Promise<void>[] = [];
  let made: MadeReads | undefined;
  try {
    for (const [i, { rows, buffers, reads, lengths }] of bands.entries()) {
      // two bands before, in the same memory
      await lending[i - 2];
      const own = { ...params, firstRow: rows.first, rows: rows.count };
      const at = addresses.slice();
      for (const [r, { name }] of roles.entries()) {
        const handle = buffers[name] as Handle | undefined;
        if (handle) at[r] = bufferOf(handle).block.address;
      }
      if (steps.isFull) await runner.flush(program);
      steps.add(pass, own, packJob(op.stem, own, at), op.countsAs, i === 0 ? leftOut : undefined);
      const before = made;
      await runner.flush(program, () => {
        if (!before) return;
        const promise = lent.lend(before, program.lend!);
        // It is waited for later.
        promise.catch(() => undefined);
        lending.push(promise);
      });
      const viewOf = (handle: Handle, k: number) => {
        const { address } = bufferOf(handle).block;
        return handle.element === 'f32'
          ? new Float32Array(memory.buffer, address, lengths[k])
          : new Uint32Array(memory.buffer, address, lengths[k]);
      };
      made = { reads: reads.map(viewOf), held: [], rows };
    }
    await lending.at(-1);
    return made!;
  } catch (error) {
    // What is still lent lies in memory that goes with the program.
    await lent.back();
    throw error;
  }
}
