// Events on a terminal: one bar for the phase under way, with rate and remaining time; everything else scrolls by
// above it.
import cliProgress from 'cli-progress';
import { amount, describeEvent } from './describe-event.js';
import type { ClosableSink, ProgressUnit, RunEvent } from './events.js';
import { isForScreen } from './line-sink.js';
import type { Messages } from './messages.js';
import { RateMeter } from './rate-meter.js';

interface ActivePhase {
  readonly name: string;
  readonly unit: ProgressUnit;
  readonly meter: RateMeter;
  readonly bars: cliProgress.MultiBar;
  readonly bar: cliProgress.SingleBar;
  done: number;
  total: number | undefined;
}

const BAR_WIDTH = 24;

function barText(phase: ActivePhase, messages: Messages): string {
  const { t } = messages;
  const { done, total, meter } = phase;
  const perSecond = meter.perSecond;
  const rate =
    perSecond === undefined
      ? ''
      : t('report_bar_rate', { rate: messages.number(perSecond, perSecond < 10 ? 1 : 0) });
  if (!total) return `${phase.name}  ${amount(done, phase.unit, messages)}  ${rate}`;
  const share = Math.min(1, done / total);
  const full = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
  const remaining = meter.remainingMs(total);
  // A forecast is not known to the millisecond.
  const left =
    remaining === undefined
      ? ''
      : t('report_bar_remaining', { time: messages.duration(1000 * Math.ceil(remaining / 1000)) });
  return `${phase.name} ${bar} ${Math.floor(100 * share)} %  ${done}/${amount(total, phase.unit, messages)}  ${rate}  ${left}`.trimEnd();
}

/** Draws bars on a terminal stream. `now` gives milliseconds. */
export function createBarSink(
  stream: NodeJS.WritableStream,
  messages: Messages,
  now: () => number = Date.now,
): ClosableSink {
  let active: ActivePhase | undefined;

  const finish = (): void => {
    if (!active) return;
    // The last lines of the log buffer are written by an update; then the bar makes room.
    active.bars.update();
    active.bars.stop();
    active = undefined;
  };

  const start = (event: RunEvent & { type: 'phase-started' }): void => {
    finish();
    const bars = new cliProgress.MultiBar(
      {
        stream,
        clearOnComplete: true,
        hideCursor: true,
        // Signals are the command's business: it tears down first.
        gracefulExit: false,
        format: () => (active ? barText(active, messages) : ''),
      },
      cliProgress.Presets.shades_classic,
    );
    // The bar is drawn while it is created; from then on `active` feeds it.
    const bar = bars.create(event.total ?? 0, 0);
    active = {
      name: messages.t(`report_phase_${event.phase}`),
      unit: event.unit,
      meter: new RateMeter(now()),
      bars,
      bar,
      done: 0,
      total: event.total,
    };
  };

  const progress = (event: RunEvent & { type: 'phase-progress' }): void => {
    if (!active) return;
    active.done = event.done;
    active.total = event.total ?? active.total;
    active.meter.update(event.done, now());
    if (active.total !== undefined) active.bar.setTotal(active.total);
    active.bar.update(event.done);
  };

  const line = (event: RunEvent): void => {
    const text = `${describeEvent(event, messages)}\n`;
    if (active) active.bars.log(text);
    else stream.write(text);
  };

  return {
    emit(event) {
      if (!isForScreen(event)) return;
      if (event.type === 'phase-started') start(event);
      else if (event.type === 'phase-progress') progress(event);
      else {
        if (event.type === 'phase-finished') finish();
        line(event);
      }
    },
    close: finish,
  };
}
