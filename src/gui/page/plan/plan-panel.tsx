// The plan: what the mosaic will be, and what it will cost.
import { useApp } from '../app-state.js';
import { PlanBill } from './plan-bill.js';

export function PlanPanel() {
  const { messages, plan, excluded } = useApp();
  const { t, number } = messages;
  const made = plan.plan;
  const used = made?.frames.list.filter(({ path }) => !excluded.has(path)).length ?? 0;
  return (
    <div class="plan">
      <section
        class={`card facts ${plan.busy ? 'busy' : ''}`}
        aria-busy={plan.busy}
        aria-label={t('gui_plan')}
      >
        <h2>{t('gui_plan')}</h2>
        {!made && <p class="muted">{plan.busy ? t('gui_planning') : t('gui_plan_none')}</p>}
        {made && (
          <dl>
            <Fact label={t('gui_fact_frames')} value={`${number(used)} / ${number(made.frames.total)}`} />
            <Fact
              label={t('gui_fact_mosaic')}
              value={`${number(made.grid.widthPx)} × ${number(made.grid.heightPx)} px`}
              more={t('gui_fact_channels', { count: made.grid.channels })}
            />
            <Fact
              label={t('gui_fact_scale')}
              value={`${number(made.grid.pixelScaleArcsec, 2)}″/px`}
              more={`${number((made.grid.widthPx * made.grid.pixelScaleArcsec) / 3600, 2)}° × ${number((made.grid.heightPx * made.grid.pixelScaleArcsec) / 3600, 2)}°`}
            />
            <Fact
              label={t('gui_fact_centre')}
              value={`${number(made.grid.centerRaDeg, 3)}°, ${number(made.grid.centerDecDeg, 3)}°`}
            />
            <Fact
              label={t('gui_fact_cells')}
              value={number(made.cells.count)}
              more={`${number(made.cells.widthPx)} × ${number(made.cells.heightPx)} px`}
            />
            <Fact label={t('gui_fact_backend')} value={made.backend} />
            <Fact
              label={t('gui_fact_time')}
              value={
                made.estimatedSeconds === undefined
                  ? '–'
                  : messages.duration(1000 * Math.max(1, Math.round(made.estimatedSeconds)))
              }
            />
          </dl>
        )}
        {made?.notices.map((notice) => (
          <p class="notice" key={notice.code}>
            {messages.message(notice)}
          </p>
        ))}
      </section>
      <PlanBill />
    </div>
  );
}

export function Fact({
  label,
  value,
  more,
}: {
  readonly label: string;
  readonly value: string;
  readonly more?: string;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value}
        {more && <small>{more}</small>}
      </dd>
    </div>
  );
}
