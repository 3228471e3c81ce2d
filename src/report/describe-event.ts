// The one line of text that an event is worth to a person, and how loud it is.
import type { CodedMessage } from '../config/errors.js';
import type { RunEvent } from './events.js';
import { printable } from './make-messages.js';
import type { Messages } from './messages.js';

/** Loudness of an event, in the words of `log_level`. */
export type EventLevel = 'error' | 'warn' | 'info' | 'debug';

/** How loud an event is: what a log at a level shows, and what `--quiet` leaves. */
export function eventLevel(event: RunEvent): EventLevel {
  switch (event.type) {
    case 'warning':
      return 'warn';
    case 'artifact-not-removed':
      return event.outcome === 'failed' ? 'warn' : 'info';
    case 'phase-progress':
    case 'frame-measured':
    case 'grid-planned':
    case 'vitals':
    case 'stage-timing':
    case 'debug':
      return 'debug';
    default:
      return 'info';
  }
}

/** The text of an event, one line. */
export function describeEvent(event: RunEvent, messages: Messages): string {
  const { t } = messages;
  switch (event.type) {
    case 'run-started':
      return t('report_run_started', {
        version: event.version,
        input: event.inputDir,
        output: event.outputDir,
      });
    case 'phase-started':
      return t('report_phase_started', {
        phase: t(`report_phase_${event.phase}`),
        amount: event.total === undefined ? 'none' : amount(event.total, event.unit, messages),
      });
    case 'phase-progress':
      return t('report_phase_progress', {
        phase: t(`report_phase_${event.phase}`),
        done: event.done,
        total: event.total === undefined ? '?' : messages.number(event.total),
      });
    case 'phase-finished':
      return t('report_phase_finished', {
        phase: t(`report_phase_${event.phase}`),
        time: messages.duration(event.wallMs),
      });
    case 'frame-measured':
      return t('report_frame_measured', {
        path: event.path,
        stars: event.stars,
        fwhm: event.fwhmPx === undefined ? '?' : messages.number(event.fwhmPx, 2),
        background: messages.number(event.background, 1),
        noise: messages.number(event.noise, 1),
      });
    case 'grid-planned':
      return t('report_grid_planned', {
        width: event.widthPx,
        height: event.heightPx,
        cells: amount(event.cells.length, 'cells', messages),
      });
    case 'vitals':
      return t('report_vitals', { memory: messages.bytes(event.memoryBytes) });
    case 'frame-rejected':
      return describeRejection(event.path, event.reason, messages);
    case 'notice':
      return t('report_notice', { text: messages.message(event.message) });
    case 'warning':
      return t('report_warning', { text: messages.message(event.message) });
    case 'debug':
      return messages.message(event.message);
    case 'stage-timing':
      return t('report_stage_timing', {
        stage: event.stage,
        backend: event.backend,
        time: messages.duration(event.wallMs),
        size: messages.bytes(event.bytes),
        rate: messages.bytes(event.wallMs > 0 ? (event.bytes * 1000) / event.wallMs : 0),
      });
    case 'artifact-kept':
      return t('report_artifact_kept', {
        path: event.path,
        size: messages.bytes(event.bytes),
        meaning: messages.message(event.meaning),
      });
    case 'artifact-not-removed':
      return t('report_artifact_not_removed', {
        outcome: event.outcome,
        path: event.path,
        reason: messages.message(event.reason),
      });
    case 'output-written':
      return t('report_output_written', {
        kind: t(`report_output_${event.kind}`),
        path: event.path,
        size: messages.bytes(event.bytes),
      });
    case 'run-finished':
      return t('report_run_finished', {
        outcome: event.outcome,
        used: event.framesUsed,
        total: event.framesTotal,
        time: messages.duration(event.wallMs),
      });
  }
}

/** A file that is not used, and why; reasons that name the file themselves are not told it twice. */
export function describeRejection(path: string, reason: CodedMessage, messages: Messages): string {
  const text = messages.message(reason);
  // a reason may know the path and not name it
  const named = text.includes(printable(path)) ? 'yes' : 'no';
  return messages.t('report_frame_rejected', { named, path, reason: text });
}

/** A count with its unit in words (`48 frames`). */
export function amount(count: number, unit: string, messages: Messages): string {
  return messages.t(`report_unit_${unit}`, { count });
}
