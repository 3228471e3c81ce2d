// During a run: its phases, the mosaic as it grows, what computes and how fast, memory and disk, the log.
import { useEffect, useState } from 'preact/hooks';
import type { Results, RunDisk } from '../../api.js';
import { useApp } from '../app-state.js';
import { ask } from '../client.js';
import { Icon } from '../icons.js';
import { LiveMosaic } from './live-mosaic.js';
import { LogPanel } from './log-panel.js';
import { Meter } from '../meter.js';
import { PhaseList } from './phase-list.js';
import { RunsAtWork } from '../runs-at-work.js';
import { StageTable } from '../stage-table.js';

export function RunView() {
  const { messages, run, outputDir, actions } = useApp();
  const { t } = messages;
  if (run.status === 'none')
    return (
      <section class="page">
        <h1 class="unseen">{t('gui_view_run')}</h1>
        <RunsAtWork />
        <div class="welcome card">
          <Icon name="pulse" />
          <h2>{t('gui_run_none')}</h2>
          <p>{t('gui_run_none_text')}</p>
        </div>
      </section>
    );
  return (
    <section class="page run">
      <div class="page-head">
        <h1>{t(`gui_status_${run.status}`)}</h1>
        <bdi class="muted">{run.outputDir}</bdi>
        <span class="grow" />
        {run.status === 'success' && (
          <button type="button" class="primary" onClick={() => void actions.openResults(outputDir)}>
            <Icon name="picture" />
            {t('gui_show_result')}
          </button>
        )}
        <ResumeButton />
      </div>
      <RunsAtWork />
      {run.error && (
        <p class="issue card" role="alert">
          {messages.message(run.error)}
        </p>
      )}
      {run.status === 'lost' && <p class="issue card">{t('gui_run_lost_text')}</p>}
      <div class="run-grid">
        <LiveMosaic />
        <div class="run-side">
          <PhaseList />
          <Counters />
          <Resources />
        </div>
        <StageTable stages={run.stages} />
        <LogPanel />
      </div>
    </section>
  );
}

/** Offered where a stopped run has left what a resume needs, and the form still says what that run was made with. */
function ResumeButton() {
  const { messages, run, values, outputDir, actions } = useApp();
  const [possible, setPossible] = useState(false);
  const stopped = run.status !== 'running' && run.status !== 'success';
  const same = values.input_dir === run.inputDir && values.output_dir === outputDir;
  useEffect(() => {
    setPossible(false);
    if (!stopped) return undefined;
    const looking = new AbortController();
    ask<Results>('results', { query: { dir: outputDir }, signal: looking.signal })
      .then(({ artifacts }) =>
        setPossible(artifacts.some(({ meaning }) => meaning.code === 'cleanup_meaning_resume_state_dir')),
      )
      .catch(() => undefined); // The stream of events says when the server is gone.
    return () => looking.abort();
  }, [outputDir, run.runId, stopped]);
  if (!possible || !same || values.resume === 'off') return null;
  return (
    <button type="button" class="primary" onClick={() => void actions.start()}>
      <Icon name="play" />
      {messages.t('gui_resume')}
    </button>
  );
}

function Counters() {
  const { messages, run } = useApp();
  const { t, number } = messages;
  const assembly = run.phases.find(({ name }) => name === 'assembly');
  return (
    <dl class="card counters">
      <div>
        <dt>{t('gui_count_measured')}</dt>
        <dd>{number(run.framesMeasured)}</dd>
      </div>
      <div>
        <dt>{t('gui_count_refused')}</dt>
        <dd>{number(run.framesRejected)}</dd>
      </div>
      <div>
        <dt>{t('gui_count_cells')}</dt>
        <dd>
          {number(assembly?.done ?? 0)}
          <small> / {run.grid ? number(run.grid.cells.length) : '–'}</small>
        </dd>
      </div>
      <div>
        <dt>{t('gui_count_time')}</dt>
        <dd>
          {messages.duration(run.wallMs ?? Math.max(0, Date.parse(run.lastTime) - Date.parse(run.startedAt)))}
        </dd>
      </div>
    </dl>
  );
}

const LOOK_MS = 2000;

function Resources() {
  const { messages, run, outputDir } = useApp();
  const { t, bytes } = messages;
  const [disk, setDisk] = useState<RunDisk>();
  const running = run.status === 'running';
  useEffect(() => {
    const look = (): void => {
      ask<RunDisk>('runs/disk', { query: { dir: outputDir } })
        .then(setDisk)
        .catch(() => setDisk(undefined)); // The stream of events says when the server is gone.
    };
    look();
    if (!running) return undefined;
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [outputDir, running]);
  const budget = run.grid?.memoryBudgetBytes ?? 0;
  return (
    <section class="card resources" aria-label={t('gui_resources')}>
      <h2>{t('gui_resources')}</h2>
      {budget > 0 && (
        <Meter
          label={t('gui_memory')}
          value={run.memoryBytes}
          limit={budget}
          text={`${bytes(run.memoryBytes)} / ${bytes(budget)}`}
        />
      )}
      <Sparkline values={run.memoryHistory} limit={budget} label={t('gui_memory_history')} />
      {disk && run.grid && (
        <Meter
          label={t('gui_disk_temporary')}
          value={disk.temporaryBytes}
          limit={run.grid.temporaryDiskBytes}
          text={`${bytes(disk.temporaryBytes)} / ${bytes(run.grid.temporaryDiskBytes)}`}
        />
      )}
      {disk && <p class="hint">{t('gui_disk_free', { size: bytes(disk.freeBytes) })}</p>}
    </section>
  );
}

function Sparkline({
  values,
  limit,
  label,
}: {
  readonly values: readonly number[];
  readonly limit: number;
  readonly label: string;
}) {
  if (values.length < 3) return null;
  const top = Math.max(limit, ...values) || 1;
  const points = values.map((value, i) => `${(100 * i) / (values.length - 1)},${30 - (29 * value) / top}`);
  return (
    <svg class="sparkline" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={label}>
      <polygon points={`0,30 ${points.join(' ')} 100,30`} />
      <polyline points={points.join(' ')} />
    </svg>
  );
}
