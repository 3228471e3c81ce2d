// What the window knows of a run, gathered from its events: pure, so that attaching late shows the same as watching from the start.
import type { CodedMessage } from '../../config/errors.js';
import { eventLevel, type EventLevel } from '../../report/describe-event.js';
import type { GridRect, PhaseName, ProgressUnit, RunEvent, StageTiming } from '../../report/events.js';
import { RateMeter } from '../../report/rate-meter.js';

/** A line of the stream: an event with its time, or what the follower says of the stream itself. */
export type RunLine =
  (RunEvent & { readonly time: string }) | { readonly type: 'restart' | 'caught-up' | 'run-lost' };

export interface PhaseState {
  readonly name: PhaseName;
  readonly unit: ProgressUnit;
  done: number;
  total: number | undefined;
  wallMs: number | undefined;
  readonly meter: RateMeter;
}

export interface FrameState {
  readonly path: string;
  readonly measured?: RunEvent & { readonly type: 'frame-measured' };
  readonly reason?: (RunEvent & { readonly type: 'frame-rejected' })['reason'];
}

export type RunStatus = 'none' | 'running' | 'success' | 'error' | 'interrupted' | 'terminated' | 'lost';

export interface LogEntry {
  readonly level: EventLevel;
  readonly time: string;
  readonly event: RunEvent;
}

/** Most lines of the log that the window holds; the file has all of them. */
const MOST_LOG_LINES = 2000;

export class RunModel {
  status: RunStatus = 'none';
  caughtUp = false;
  runId = '';
  inputDir = '';
  outputDir = '';
  startedAt = '';
  lastTime = '';
  wallMs: number | undefined;
  /** What ended a run that failed. */
  error: CodedMessage | undefined;
  readonly phases: PhaseState[] = [];
  readonly frames = new Map<string, FrameState>();
  grid: (RunEvent & { readonly type: 'grid-planned' }) | undefined;
  memoryBytes = 0;
  peakMemoryBytes = 0;
  memoryHistory: number[] = [];
  stages: readonly StageTiming[] = [];
  readonly log: LogEntry[] = [];
  readonly outputs: (RunEvent & { readonly type: 'output-written' })[] = [];

  /** Cells of the mosaic that are done. */
  get cellsDone(): number {
    return this.phases.find(({ name }) => name === 'assembly')?.done ?? 0;
  }

  get current(): PhaseState | undefined {
    return this.phases.findLast(({ wallMs }) => wallMs === undefined);
  }

  get framesMeasured(): number {
    return [...this.frames.values()].filter(({ measured }) => measured).length;
  }

  get framesRejected(): number {
    return [...this.frames.values()].filter(({ reason }) => reason).length;
  }

  /** The cells done so far, in the order in which they were. */
  get cells(): readonly GridRect[] {
    return this.grid?.cells ?? [];
  }

  add(line: RunLine): void {
    if (line.type === 'caught-up') this.caughtUp = true;
    else if (line.type === 'run-lost') {
      if (this.status === 'running') this.status = 'lost';
    } else if ('time' in line) this.#event(line, line.time);
  }

  #event(event: RunEvent, time: string): void {
    this.lastTime = time;
    const level = eventLevel(event);
    if (event.type !== 'phase-progress' && event.type !== 'vitals') {
      this.log.push({ level, time, event });
      if (this.log.length > MOST_LOG_LINES) this.log.splice(0, this.log.length - MOST_LOG_LINES);
    }
    switch (event.type) {
      case 'run-started':
        Object.assign(this, {
          status: 'running',
          runId: event.runId,
          inputDir: event.inputDir,
          outputDir: event.outputDir,
          startedAt: time,
        });
        return;
      case 'phase-started':
        this.phases.push({
          name: event.phase,
          unit: event.unit,
          done: 0,
          total: event.total,
          wallMs: undefined,
          meter: new RateMeter(Date.parse(time)),
        });
        return;
      case 'phase-progress': {
        const phase = this.#phase(event.phase);
        if (!phase) return;
        phase.done = event.done;
        phase.total = event.total ?? phase.total;
        phase.meter.update(event.done, Date.parse(time));
        return;
      }
      case 'phase-finished': {
        const phase = this.#phase(event.phase);
        if (phase) Object.assign(phase, { wallMs: event.wallMs, done: event.done });
        return;
      }
      case 'frame-measured':
        this.frames.set(event.path, { ...this.frames.get(event.path), path: event.path, measured: event });
        return;
      case 'frame-rejected':
        this.frames.set(event.path, {
          ...this.frames.get(event.path),
          path: event.path,
          reason: event.reason,
        });
        return;
      case 'grid-planned':
        this.grid = event;
        return;
      case 'vitals':
        this.memoryBytes = event.memoryBytes;
        this.peakMemoryBytes = Math.max(this.peakMemoryBytes, event.memoryBytes);
        this.memoryHistory = [...this.memoryHistory, event.memoryBytes].slice(-240);
        this.stages = event.stages;
        return;
      case 'output-written':
        this.outputs.push(event);
        return;
      case 'run-finished':
        this.status = event.outcome;
        this.wallMs = event.wallMs;
        this.error = event.error;
        return;
    }
  }

  #phase(name: PhaseName): PhaseState | undefined {
    return this.phases.findLast((phase) => phase.name === name);
  }
}
