// The backends of one run: the one that was chosen, and those that took over when it failed. Keeps who computed which cell.
import type {
  BackendInfo,
  ComputeBackend,
  GivenThread,
  KernelCall,
  ThreadModule,
} from '../compute/backend.js';
import { DeviceError } from '../compute/device-error.js';
import type { CodedMessage } from '../config/errors.js';
import { CodedError } from '../errors.js';
import type { EventSink } from '../report/events.js';
import { codedMessageOf } from '../report/render-error.js';
import type { ChosenBackend } from './backend-provider.js';
import type { StageLedger } from './stage-ledger.js';

/** What one backend of a run did. */
export interface BackendShare {
  readonly info: BackendInfo;
  /** Indices of the cells that it computed, in the order of completion. */
  readonly cells: readonly number[];
}

/** Work on the backend of the run, whichever it is at the time. */
export type Computing = Pick<RunBackend, 'info' | 'use'>;

type Share = BackendShare & { readonly cells: number[] };

/** Owns the backend of a run, whichever it is at the time. */
export class RunBackend {
  private share: Share;
  private readonly booked: Share[] = [];
  private readonly replacements: CodedMessage[] = [];
  /** While another backend takes over. */
  private replacing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private current: ChosenBackend,
    private readonly sink: EventSink,
    private readonly ledger: StageLedger,
    private readonly signal: AbortSignal,
  ) {
    this.share = { info: current.backend.info, cells: [] };
    this.booked.push(this.share);
    // The kernels of the known answer were no work of this run.
    current.backend.takeProfile();
    for (const message of current.notices) sink.emit({ type: 'notice', message });
  }

  /** What computes now. */
  get info(): BackendInfo {
    return this.current.backend.info;
  }

  /** Every backend of the run in the order of use; the first may have computed nothing. */
  get shares(): readonly BackendShare[] {
    return this.booked;
  }

  /**
   * Has a cell computed: by the current backend, and again from its start by the next one when that fails (DeviceError). The change is
   * told once, as a warning. Gives the result and who computed it. Rejects with the failure itself where nothing may take over, else with what `work` rejects with.
   */
  async compute<T>(
    cell: number,
    work: (backend: ComputeBackend) => Promise<T>,
  ): Promise<{ readonly result: T; readonly by: BackendInfo }> {
    let { share } = this;
    const result = await this.use((backend) => {
      share = this.share;
      return work(backend);
    });
    share.cells.push(cell);
    return { result, by: share.info };
  }

  /** The same for work that belongs to no cell; it must be able to begin again. Works may run side by side and within each other: a backend that fails is replaced once. */
  async use<T>(work: (backend: ComputeBackend) => Promise<T>): Promise<T> {
    for (;;) {
      await this.replacing;
      const chosen = this.current;
      try {
        return await work(chosen.backend);
      } catch (error) {
        this.signal.throwIfAborted();
        if (!hasFailed(error)) throw error;
        // else somebody else's work has failed before
        if (this.current === chosen && !this.replacing) {
          if (!(error instanceof DeviceError) || chosen.successor === undefined) throw error;
          this.replacing = this.replace(chosen.successor, error).finally(() => (this.replacing = undefined));
        }
        await this.replacing;
      } finally {
        this.ledger.addProfile(chosen.backend.info.name, chosen.backend.takeProfile());
      }
    }
  }

  /** Has the backend make kernels ready beside other work. One that takes over makes them ready when they are called. */
  prepare(calls: readonly KernelCall[]): void {
    void this.current.backend.prepare?.(calls);
  }

  /** Threads that it can give away when it has nothing to do. */
  get threadsToGive(): number {
    const { giveThread, info } = this.current.backend;
    return giveThread ? Math.max(0, info.threads - 1) : 0;
  }

  /** Gives away a thread of the backend, for good; undefined where it has none to spare. */
  giveThread(module: ThreadModule): GivenThread | undefined {
    return this.current.backend.giveThread?.(module);
  }

  /** Books a cell that a stopped run, which this one goes on for, had computed. */
  credit(by: BackendInfo, cell: number): void {
    let share = this.booked.find(({ info }) => info.name === by.name && info.device === by.device);
    if (share === undefined) {
      share = { info: by, cells: [] };
      this.booked.unshift(share);
    }
    share.cells.push(cell);
  }

  /** Warnings of backends that failed: they hold, whatever is computed anew. */
  get failures(): readonly CodedMessage[] {
    return this.replacements;
  }

  /** What was computed is no part of the result: the run begins with its plan again. */
  beginAgain(): void {
    for (const { cells } of this.booked) cells.splice(0);
  }

  /** May be called again: the first call counts. */
  close(): Promise<void> {
    this.closing ??= this.current.backend.close();
    return this.closing;
  }

  private async replace(successor: () => Promise<ChosenBackend>, failure: DeviceError): Promise<void> {
    this.warn(codedMessageOf(failure));
    const failed = this.current.backend;
    // It failed already: that it cannot be closed properly either changes nothing.
    await failed.close().catch(() => undefined);
    this.current = await successor();
    const { backend, notices } = this.current;
    backend.takeProfile();
    for (const message of notices) this.sink.emit({ type: 'notice', message });
    const params = { from: failed.info.name, to: backend.info.name, device: backend.info.device };
    this.warn({ code: 'pipeline_backend_replaced', params });
    this.share = { info: backend.info, cells: [] };
    this.booked.push(this.share);
  }

  private warn(message: CodedMessage): void {
    this.replacements.push(message);
    this.sink.emit({ type: 'warning', message });
  }
}

/** The backend's failure, or what work hears that has it replaced under its hands. */
const hasFailed = (error: unknown): boolean =>
  error instanceof DeviceError || (error instanceof CodedError && error.code === 'compute_backend_closed');
