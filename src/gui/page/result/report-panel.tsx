// The report of a run as people read it: the sums, the quality of the frames, time by stage, what was refused and why.
import type { RunReport } from '../../../report/run-report.js';
import { useApp } from '../app-state.js';
import { FramePlot } from './frame-plot.js';
import { Fact } from '../plan/plan-panel.js';
import { StageTable } from '../stage-table.js';

export function ReportPanel({ report }: { readonly report: RunReport }) {
  const { messages, run } = useApp();
  const { t, number, bytes } = messages;
  const { inputs, grid, samples, backend } = report;
  const measured = [...run.frames.values()].flatMap((frame) => (frame.measured ? [frame.measured] : []));
  return (
    <div class="report">
      <section class="card facts" aria-label={t('gui_report')}>
        <h2>{t('gui_report')}</h2>
        <dl>
          <Fact label={t('gui_report_outcome')} value={t(`gui_status_${report.outcome}`)} />
          <Fact label={t('gui_fact_frames')} value={`${number(inputs.used)} / ${number(inputs.total)}`} />
          {grid && (
            <Fact
              label={t('gui_fact_mosaic')}
              value={`${number(grid.width_px)} × ${number(grid.height_px)} px`}
              more={`${number(grid.pixel_scale_arcsec, 2)}″/px`}
            />
          )}
          {backend && <Fact label={t('gui_fact_backend')} value={backend.name} more={backend.device} />}
          {samples && (
            <Fact
              label={t('gui_report_rejected')}
              value={`${number(100 * samples.rejected_fraction, 2)} %`}
              more={`${number(samples.rejected_low)} ↓ ${number(samples.rejected_high)} ↑`}
            />
          )}
          <Fact
            label={t('gui_count_time')}
            value={messages.duration(report.wall_ms)}
            more={`CPU ${messages.duration(report.cpu_ms)}`}
          />
          <Fact label={t('gui_memory')} value={bytes(report.peak_memory_bytes)} />
        </dl>
        {report.error && <p class="issue">{messages.message(report.error)}</p>}
        {report.warnings.map((warning, i) => (
          <p class="notice warn" key={i}>
            {messages.message(warning)}
          </p>
        ))}
        {report.notices.map((notice, i) => (
          <p class="notice" key={i}>
            {messages.message(notice)}
          </p>
        ))}
      </section>
      {measured.length > 1 && (
        <section class="card plots" aria-label={t('gui_report_frames')}>
          <h2>{t('gui_report_frames')}</h2>
          <FramePlot label="FWHM (px)" values={measured.map(({ fwhmPx }) => fwhmPx)} digits={2} />
          <FramePlot label={t('gui_frames_stars')} values={measured.map(({ stars }) => stars)} digits={0} />
          <FramePlot
            label={`${t('gui_frames_sky')} (ADU)`}
            values={measured.map(({ background }) => background)}
            digits={0}
          />
        </section>
      )}
      <StageTable stages={report.stages.map(({ wall_ms: wallMs, ...stage }) => ({ ...stage, wallMs }))} />
      {inputs.rejected.length > 0 && (
        <section class="card refused" aria-label={t('gui_report_refused')}>
          <h2>{t('gui_report_refused')}</h2>
          <ul>
            {inputs.rejected.map(({ path, reason }) => (
              <li key={path}>
                <bdi>{path.startsWith(inputs.dir) ? path.slice(inputs.dir.length + 1) : path}</bdi>
                <small>{messages.message(reason)}</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="card outputs" aria-label={t('gui_report_outputs')}>
        <h2>{t('gui_report_outputs')}</h2>
        <ul>
          {report.outputs.map(({ kind, path, bytes: size }) => (
            <li key={path}>
              <span>{t(`report_output_${kind}`)}</span>
              <bdi class="muted">{path.split(/[\\/]/).at(-1)}</bdi>
              <span class="numbers">{bytes(size)}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
