// Thousands of files that are refused for one reason, on a screen: the first of them, and then how many more there were.
import type { ClosableSink } from './events.js';

/** Lines of one reason. A folder of an evening with all its frames refused still fits a screen. */
const MOST = 20;

/** `sink` hears of the first files that are refused for a reason, and of the number of the others when the phase ends that has found them. */
export function fewerRefusals(sink: ClosableSink): ClosableSink {
  const told = new Map<string, { shown: number; more: number; path: string }>();
  const tellOthers = () => {
    for (const reason of told.values()) {
      const { more, path } = reason;
      if (more > 0)
        sink.emit({
          type: 'notice',
          message: { code: 'report_more_refused', params: { count: more, path } },
        });
      reason.more = 0;
    }
  };
  return {
    emit(event) {
      if (event.type === 'frame-rejected') {
        const { code } = event.reason;
        const reason = told.get(code) ?? { shown: 0, more: 0, path: '' };
        told.set(code, reason);
        if (reason.shown === MOST) {
          reason.more++;
          return;
        }
        reason.shown++;
        reason.path = event.path;
      } else if (event.type === 'phase-finished' || event.type === 'run-finished') tellOthers();
      sink.emit(event);
    },
    close() {
      tellOthers();
      sink.close();
    },
  };
}
