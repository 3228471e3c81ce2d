// Thousands of files that are refused for one reason, on a screen: the first of them, and then how many more there were.
import type { ClosableSink } from './events.js';

/** Lines of one reason. A folder of an evening with all its frames refused still fits a screen. */
const MOST = 20;

/** Of one reason. */
interface Refused {
  readonly shown: Set<string>;
  readonly others: Set<string>;
  /** Others that nothing was said of yet. */
  more: number;
  /** The last one that was shown. */
  path: string;
}

/** `sink` hears of the first files that are refused for a reason, and of the number of the others when the phase ends that has found them. */
export function fewerRefusals(sink: ClosableSink): ClosableSink {
  const told = new Map<string, Refused>();
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
        const {
          path,
          reason: { code },
        } = event;
        const reason = told.get(code) ?? { shown: new Set(), others: new Set(), more: 0, path: '' };
        told.set(code, reason);
        const { shown, others } = reason;
        if (!shown.has(path)) {
          if (shown.size === MOST) {
            // a run that plans anew without a lost file refuses the others again
            if (!others.has(path)) reason.more++;
            others.add(path);
            return;
          }
          shown.add(path);
          reason.path = path;
        }
      } else if (event.type === 'phase-finished' || event.type === 'run-finished') tellOthers();
      sink.emit(event);
    },
    close() {
      tellOthers();
      sink.close();
    },
  };
}
