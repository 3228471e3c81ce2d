// Stages by time spent: which backend ran each, and how fast.
import type { StageTiming } from '../../report/events.js';
import { useApp } from './app-state.js';

export function StageTable({ stages }: { readonly stages: readonly StageTiming[] }) {
  const { messages } = useApp();
  const { t, bytes, number } = messages;
  if (stages.length === 0) return null;
  const longest = Math.max(1, ...stages.map(({ wallMs }) => wallMs));
  const sorted = [...stages].sort((a, b) => b.wallMs - a.wallMs);
  return (
    <section class="card stages" aria-label={t('gui_stages')}>
      <h2>{t('gui_stages')}</h2>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t('gui_stages')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('gui_stage')}</th>
              <th scope="col">{t('gui_fact_backend')}</th>
              <th scope="col" class="num">
                {t('gui_count_time')}
              </th>
              <th scope="col" class="num">
                {t('gui_stage_items')}
              </th>
              <th scope="col" class="num">
                {t('gui_stage_rate')}
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ stage, backend, wallMs, bytes: size, items }) => (
              <tr key={`${stage} ${backend}`}>
                <td class="stage-name">
                  <i style={{ width: `${(100 * wallMs) / longest}%` }} />
                  <span>{stage}</span>
                </td>
                <td>
                  <span class={`tag ${backend === 'host' ? '' : 'accent'}`}>{backend}</span>
                </td>
                <td class="num">{messages.duration(wallMs)}</td>
                <td class="num">{number(items)}</td>
                <td class="num">{size > 0 && wallMs > 0 ? `${bytes((1000 * size) / wallMs)}/s` : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
