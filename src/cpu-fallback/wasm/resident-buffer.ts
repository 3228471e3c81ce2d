// A buffer of this backend: where it lies, what of it stands unwritten, and what was made from it.
import type { Handle, Program } from '../../compute/backend.js';
import { ProgramError } from '../../compute/validate-program.js';
import type { BlankBlocks } from './blank-blocks.js';
import type { Block } from './shared-heap.js';
import { Unwritten } from './unwritten.js';
import { WaitingWarps } from './waiting-warps.js';

const NO_BLOCKS: readonly Block[] = [];
const NOWHERE: Block = { address: 0, bytes: 0 };

export class ResidentBuffer {
  readonly unwritten: Unwritten;
  /** Tables made from its contents, by name and variant; most buffers have none. */
  private tables: Map<string, Block> | undefined;
  /** A step of the list uses it: the host may write only when the list has run. */
  busy = false;
  /** A kernel writes it, or has. */
  isMade = false;
  /** Of a cube: what counts as blank and has not been written. */
  blanks?: BlankBlocks;
  /** What steps of the list write of that. */
  private listed: BlankBlocks[] | undefined;

  /** `place` is where it lies, or what waits to be written until it has to lie anywhere. */
  constructor(
    readonly handle: Handle,
    private place: Block | WaitingWarps,
  ) {
    this.unwritten = new Unwritten(handle.length);
  }

  /** Where it lies; an empty one while it lies nowhere. */
  get block(): Block {
    return this.place instanceof WaitingWarps ? NOWHERE : this.place;
  }

  get waiting(): WaitingWarps | undefined {
    return this.place instanceof WaitingWarps ? this.place : undefined;
  }

  /** Nothing waits any more. */
  placeAt(block: Block): void {
    this.place = block;
  }

  /** Whether all that has been written stands there. */
  get isSettled(): boolean {
    return !this.waiting && !this.blanks;
  }

  /** Whether all of it stands there, as the host has written it. */
  get isUploaded(): boolean {
    return this.unwritten.isEmpty && !this.isMade;
  }

  get derived(): Map<string, Block> {
    return (this.tables ??= new Map<string, Block>());
  }

  /** The blocks of its tables, which it has no longer. */
  takeDerived(): readonly Block[] {
    if (!this.tables) return NO_BLOCKS;
    const blocks = [...this.tables.values()];
    this.tables = undefined;
    return blocks;
  }

  /** Once a step of the list writes the blanks. */
  listBlanks(): void {
    if (this.blanks) (this.listed ??= []).push(this.blanks);
    this.blanks = undefined;
  }

  /** The list has run: the blocks of flags that are needed no longer. */
  takeListed(): readonly Block[] {
    const blocks = this.listed?.map(({ block }) => block);
    this.listed = undefined;
    return blocks ?? NO_BLOCKS;
  }

  /** The list will not run: its blanks are still to be written. The blocks of flags that are needed no longer. */
  keepListed(): readonly Block[] {
    if (!this.listed) return NO_BLOCKS;
    const [first, ...later] = this.listed;
    this.listed = undefined;
    const rest = this.blanks ? [...later, this.blanks] : later;
    this.blanks = first;
    return rest.map(({ block }) => block);
  }

  /** The blocks of all flags, which it has no longer. */
  takeBlanks(): readonly Block[] {
    this.listBlanks();
    return this.takeListed();
  }
}

/** A handle that the validator let pass is missing only when the program that allocated it has failed meanwhile. */
export function residentBuffer(
  buffers: ReadonlyMap<Handle, ResidentBuffer>,
  program: Program,
  handle: Handle,
): ResidentBuffer {
  const buffer = buffers.get(handle);
  if (buffer) return buffer;
  throw new ProgramError(program, 'handle_freed', { label: handle.label });
}
