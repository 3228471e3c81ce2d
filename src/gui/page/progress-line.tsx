// The phase under way as one line and one bar.
import { useApp } from './app-state.js';

export function ProgressLine() {
  const { messages, run } = useApp();
  const { t, number } = messages;
  // Between two phases the one that was last is shown.
  const phase = run.current ?? run.phases.at(-1);
  if (!phase) return <span class="muted">{t('gui_run_begins')}</span>;
  const name = t(`report_phase_${phase.name}`);
  const over = phase.wallMs !== undefined || phase.done === phase.total;
  const remaining = phase.total && !over ? phase.meter.remainingMs(phase.total) : undefined;
  return (
    <div class="progress-line">
      <span class="progress-name">{name}</span>
      <div
        class="bar"
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={phase.total ?? 1}
        {...(phase.total ? { 'aria-valuenow': phase.done } : {})}
      >
        <i
          class={phase.total ? '' : 'unknown'}
          style={{ width: phase.total ? `${(100 * phase.done) / phase.total}%` : '30%' }}
        />
      </div>
      <span class="numbers">
        {phase.total
          ? `${number(phase.done)} / ${t(`report_unit_${phase.unit}`, { count: phase.total })}`
          : t(`report_unit_${phase.unit}`, { count: phase.done })}
        {remaining !== undefined && (
          <em>
            {t('report_bar_remaining', { time: messages.duration(1000 * Math.ceil(remaining / 1000)) })}
          </em>
        )}
      </span>
    </div>
  );
}
