// The phases of a run with what each has done, its rate and what remains.
import { useApp } from '../app-state.js';
import { Icon } from '../icons.js';

export function PhaseList() {
  const { messages, run } = useApp();
  const { t, number } = messages;
  return (
    <ol class="card phases" aria-label={t('gui_phases')}>
      {run.phases.map((phase) => {
        const over = phase.wallMs !== undefined;
        const stopped = !over && run.status !== 'running';
        const share = phase.total ? phase.done / phase.total : 0;
        const rate = phase.meter.perSecond;
        const remaining = phase.total ? phase.meter.remainingMs(phase.total) : undefined;
        return (
          <li key={phase.name} class={over ? 'over' : stopped ? 'stopped' : 'now'}>
            <span class="phase-mark">{over ? <Icon name="check" /> : <i class="live-dot" />}</span>
            <span class="phase-name">{t(`report_phase_${phase.name}`)}</span>
            <span class="numbers">
              {over && phase.wallMs !== undefined
                ? [
                    phase.done > 0 && t(`report_unit_${phase.unit}`, { count: phase.done }),
                    phase.wallMs > 0 && messages.duration(phase.wallMs),
                  ]
                    .filter(Boolean)
                    .join(' · ')
                : `${number(phase.done)}${phase.total ? ` / ${number(phase.total)}` : ''}`}
              {!over && !stopped && rate !== undefined && (
                <em>{t('report_bar_rate', { rate: number(rate, rate < 10 ? 1 : 0) })}</em>
              )}
              {!over && !stopped && remaining !== undefined && (
                <em>
                  {t('report_bar_remaining', { time: messages.duration(1000 * Math.ceil(remaining / 1000)) })}
                </em>
              )}
            </span>
            {!over && (
              <div class="bar">
                <i
                  class={phase.total ? '' : 'unknown'}
                  style={{ width: phase.total ? `${100 * share}%` : '30%' }}
                />
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
