// Runs that are at work on this machine, also those started on a command line: each can be watched here.
import { useEffect, useState } from 'preact/hooks';
import type { KnownRun } from '../api.js';
import { useApp } from './app-state.js';
import { ask } from './client.js';

const LOOK_MS = 4000;

export function RunsAtWork() {
  const { messages, run, actions } = useApp();
  const { t } = messages;
  const [runs, setRuns] = useState<readonly KnownRun[]>([]);
  useEffect(() => {
    let stopped = false;
    const look = (): void => {
      ask<KnownRun[]>('runs')
        .then((found) => {
          if (!stopped) setRuns(found);
        })
        .catch(() => {
          // The action that needs the server says that it is gone.
          if (!stopped) setRuns([]);
        });
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, []);
  const others = runs.filter(({ runId }) => runId !== run.runId || run.status !== 'running');
  if (others.length === 0) return null;
  return (
    <ul class="runs-at-work" aria-label={t('gui_runs_at_work')}>
      {others.map(({ runId, outputDir, startedAt }) => (
        <li key={runId} class="card">
          <i class="live-dot" aria-hidden="true" />
          <span>
            {t('gui_run_at_work', {
              dir: outputDir,
              time: new Date(startedAt).toLocaleTimeString(messages.language),
            })}
          </span>
          <button type="button" class="secondary" onClick={() => void actions.attach(runId)}>
            {t('gui_attach')}
          </button>
        </li>
      ))}
    </ul>
  );
}
