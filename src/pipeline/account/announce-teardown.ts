// What a teardown did, as events.
import type { TeardownReport } from '../../cleanup/teardown/teardown-report.js';
import type { EventSink } from '../../report/events.js';

/** What dead runs left and this one cleared away when it began. */
export function announceStart(sink: EventSink, { removed, refused, failed }: TeardownReport): void {
  if (removed.length > 0) {
    const bytes = removed.reduce((sum, item) => sum + item.bytes, 0);
    const params = { count: removed.length, mib: Math.ceil(bytes / 2 ** 20) };
    sink.emit({ type: 'notice', message: { code: 'pipeline_dead_runs_removed', params } });
  }
  announceNotRemoved(sink, { refused, failed });
}

/** The teardown as events: a phase, what stays and why, and what should have gone. */
export function announceTeardown(sink: EventSink, report: TeardownReport): void {
  const total = report.removed.length + report.failed.length;
  sink.emit({ type: 'phase-started', phase: 'teardown', unit: 'files', total });
  for (const { path: at, bytes, meaning } of report.kept) {
    sink.emit({ type: 'artifact-kept', path: at, bytes, meaning: { code: meaning, params: {} } });
  }
  announceNotRemoved(sink, report);
  sink.emit({ type: 'phase-finished', phase: 'teardown', done: report.removed.length, wallMs: 0 });
}

/** What is still there after a teardown and bears an artefact's name. */
function announceNotRemoved(sink: EventSink, report: Pick<TeardownReport, 'refused' | 'failed'>): void {
  for (const outcome of ['refused', 'failed'] as const) {
    for (const { path: at, reason } of report[outcome]) {
      sink.emit({ type: 'artifact-not-removed', outcome, path: at, reason: { code: reason, params: {} } });
    }
  }
}
