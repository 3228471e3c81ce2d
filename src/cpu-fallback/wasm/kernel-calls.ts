// Adds calls of kernels to the list of steps: with their buffers as the kernels may look at them, the tables that they need, and bands where results are lent.
import type { Handle, Program } from '../../compute/backend.js';
import type { BufferRole } from '../../compute/contract.js';
import type { ProfileSums } from '../../compute/profile-sums.js';
import { trafficBytes } from '../../compute/traffic.js';
import type { BlockStore } from './block-store.js';
import type { BufferSettler } from './buffer-settler.js';
import { contractOf, SUM_WORDS } from './inner-contracts.js';
import { packJob } from './job-layout.js';
import { type DerivedTable, kernelPasses, regionBytes } from './kernel-passes.js';
import type { LentReads, MadeReads } from './lent-reads.js';
import { type ResidentBuffer, residentBuffer } from './resident-buffer.js';
import type { Block } from './shared-heap.js';
import { stackInBands } from './stack-in-bands.js';
import type { StepList } from './step-list.js';
import type { StepRunner } from './step-runner.js';
import type { WaitingWarps } from './waiting-warps.js';
import type { ResultBand, WasmKernelOp } from './wasm-ops.js';

const BYTES = 4;

type Role = BufferRole<Readonly<Record<string, number>>>;

/** What a backend has. */
interface Calling {
  readonly memory: WebAssembly.Memory;
  readonly steps: StepList;
  readonly blocks: BlockStore;
  readonly buffers: ReadonlyMap<Handle, ResidentBuffer>;
  readonly lent: LentReads;
  readonly profile: ProfileSums;
  readonly runner: StepRunner;
  readonly settler: BufferSettler;
  /** Takes the blocks that the running program keeps to its end. */
  readonly passing: Block[];
}

export class KernelCalls {
  constructor(private readonly own: Calling) {}

  /** Adds a call to the list. Of one in bands all are made, and the last is returned. */
  async add(program: Program, op: WasmKernelOp): Promise<MadeReads | undefined> {
    const contract = contractOf(op.stem);
    if (op.bands) this.zeroSums(program, op.bands);
    const { passes, overwrites, ignores, cube, joinedBy, warped } = kernelPasses[op.stem];
    const addresses: number[] = [];
    const roles = contract.buffers;
    const bound = roles.map(({ name }) => this.buffer(program, op.buffers[name]));
    let spoils = false;
    for (let i = 0; i < roles.length; i++)
      spoils ||= roles[i].access !== 'read' && this.own.blocks.isKept(bound[i].block);
    if (spoils) await this.own.settler.settleAll(program);
    const waiting = this.own.buffers.get(op.buffers.cube)?.waiting?.waitingOn(op.stem, op.params);
    const params = this.withRegions(op, waiting);
    for (let i = 0; i < roles.length; i++) {
      const { name } = roles[i];
      const buffer = bound[i];
      // to wait for nothing costs as much as all that is done here
      if (!cube || name !== 'cube') {
        if (!buffer.isSettled) await this.own.settler.settle(program, buffer);
      } else if (!waiting) await this.own.settler.warpWaiting(program, buffer);
      addresses.push(buffer.block.address);
      const ignored = ignores?.(name, params);
      if (ignored) buffer.unwritten.wrote(...ignored);
      const cleared = this.prepareRole(program, buffer, roles[i], params, overwrites?.(name, params));
      if (cleared) await cleared;
    }
    const { made, tables, at } = await this.tablesOf(program, op, params);
    addresses.push(...at);
    const shape = cube?.(params);
    const known = shape && this.buffer(program, op.buffers.cube).blanks;
    const blanks = known?.isOf(shape!)
      ? known
      : shape && (await this.own.settler.blanksOf(program, this.buffer(program, op.buffers.cube), shape));
    if (blanks) addresses.push(blanks.block.address);
    this.own.profile.add({ stem: op.countsAs, calls: 1, seconds: 0, bytes: trafficBytes(contract, params) });
    const before = (calls: number) =>
      packJob(op.stem, { ...params, [joinedBy!]: params[joinedBy!] - calls }, addresses);
    const joined = joinedBy && params[joinedBy] > 0 && this.own.steps.join(passes[0], before);
    const list = waiting && warped && (await this.listWarps(program, waiting));
    if (list) addresses.push(list.address, warped.samplesAt(params));
    // A warp that waits has its tables made only.
    const wanted = !waiting ? passes : warped ? [warped.pass] : [];
    const job = packJob(op.stem, params, addresses);
    const leftOut = blanks && (() => blanks.samples(params.slot));
    let last: MadeReads | undefined;
    if (op.bands) {
      const call = { op, params, addresses, pass: wanted[0], leftOut };
      const { memory, steps, runner, lent } = this.own;
      const bufferOf = (handle: Handle) => this.buffer(program, handle);
      last = await stackInBands(program, op.bands, call, { memory, steps, runner, lent, bufferOf });
    }
    for (const pass of joined || last ? [] : [...made, ...wanted]) {
      if (this.own.steps.isFull) await this.own.runner.flush(program);
      this.own.steps.add(
        pass,
        params,
        job,
        pass.stem ?? op.countsAs,
        pass === wanted[0] ? leftOut : undefined,
      );
    }
    // Only now: whatever had the list run on the way here would have taken it back.
    for (const buffer of bound) buffer.busy = true;
    if (list) this.own.settler.giveBack(waiting);
    else if (waiting)
      this.own.blocks.keep(
        waiting.add(
          params,
          job,
          bound.map(({ block }) => block),
          tables,
        ),
      );
    return last;
  }

  /** The tables that a call needs: those that are to be made first, where all of them lie, and their addresses, 0 for those that it does without. */
  private async tablesOf(
    program: Program,
    op: WasmKernelOp,
    params: Readonly<Record<string, number>>,
  ): Promise<{ made: DerivedTable[]; tables: Block[]; at: number[] }> {
    const { derived = [] } = kernelPasses[op.stem];
    const made: DerivedTable[] = [];
    const tables: Block[] = [];
    const at: number[] = [];
    for (const table of derived) {
      const source = table.needed(params) ? this.buffer(program, op.buffers[table.from]) : undefined;
      const key = `${table.name} ${table.variant?.(params) ?? ''}`;
      if (source && !source.derived.has(key)) {
        const block = await this.own.runner.place(program, {
          label: source.handle.label,
          element: 'f32',
          length: table.bytes(params) / BYTES,
        });
        source.derived.set(key, block);
        made.push(table);
        if (table.stem) {
          const bytes = BYTES * source.handle.length + table.bytes(params);
          this.own.profile.add({ stem: table.stem, calls: 1, seconds: 0, bytes });
        }
      }
      const block = source?.derived.get(key);
      if (block) tables.push(block);
      at.push(block?.address ?? 0);
    }
    return { made, tables, at };
  }

  /** What the bands of a stack count into: words that no step need clear. */
  private zeroSums(program: Program, bands: readonly ResultBand[]): void {
    for (const { buffers } of bands) {
      for (const handle of Object.values(buffers)) {
        if (handle.length !== SUM_WORDS) continue;
        const buffer = this.buffer(program, handle);
        new Uint32Array(this.own.memory.buffer, buffer.block.address, SUM_WORDS).fill(0);
        buffer.unwritten.wrote(0, SUM_WORDS);
      }
    }
  }

  /** The parameters of a call with the scratch that parts of windows take: of any map where steps of the list may still be writing this one. */
  private withRegions(
    { stem, params, buffers }: WasmKernelOp,
    waiting: WaitingWarps | undefined,
  ): Readonly<Record<string, number>> {
    if (stem === 'guarded-stack') return waiting ? { ...params, ...waiting.inHand(params) } : params;
    if (stem !== 'warp-window') return params;
    const { handle, block, isUploaded } = this.own.buffers.get(buffers.map)!;
    const map = isUploaded
      ? new Float32Array(this.own.memory.buffer, block.address, handle.length)
      : undefined;
    // of this call alone: window-steps.ts
    const own = params as Record<string, number>;
    own.regionBytes = regionBytes(map, params);
    return own;
  }

  /** Their packed calls. */
  private async listWarps(program: Program, waiting: WaitingWarps): Promise<Block> {
    const list = waiting.list();
    const words: Handle = { label: 'warps', element: 'u32', length: list.length / BYTES };
    const block = await this.own.runner.place(program, words);
    this.own.passing.push(block);
    new Uint8Array(this.own.memory.buffer, block.address, list.length).set(list);
    return block;
  }

  /** Makes a buffer ready for its role: what the kernel would see and nothing has written becomes zero, which may have to be waited for. */
  private prepareRole(
    program: Program,
    buffer: ResidentBuffer,
    role: Role,
    params: Readonly<Record<string, number>>,
    overwritten: readonly [number, number] | undefined,
  ): Promise<void> | undefined {
    if (role.access !== 'read') {
      this.own.blocks.drop(...buffer.takeDerived());
      buffer.isMade = true;
    }
    if (role.access === 'write') buffer.unwritten.wrote(0, role.length(params));
    else if (overwritten) buffer.unwritten.wrote(...overwritten);
    else if (!buffer.unwritten.isEmpty) return this.own.settler.clear(program, buffer);
    return undefined;
  }

  private buffer(program: Program, handle: Handle): ResidentBuffer {
    return residentBuffer(this.own.buffers, program, handle);
  }
}
