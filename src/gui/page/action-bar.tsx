// Start and stop, always in reach, and in one line how things stand.
import { useApp } from './app-state.js';
import { Icon } from './icons.js';
import { ProgressLine } from './progress-line.js';

export function ActionBar() {
  const { messages, values, check, run, plan, excluded, actions } = useApp();
  const { t } = messages;
  const running = run.status === 'running';
  const ready = values.input_dir !== '' && values.output_dir !== '' && check.issues.length === 0;
  const used = plan.plan ? plan.plan.frames.list.filter(({ path }) => !excluded.has(path)).length : undefined;
  return (
    <footer class="actions">
      <div class="actions-status" role="status">
        {running ? (
          <ProgressLine />
        ) : !ready ? (
          <span class="muted">
            {check.issues.length > 0
              ? t('gui_not_ready_issues', { count: check.issues.length })
              : t('gui_not_ready_folders')}
          </span>
        ) : used !== undefined ? (
          <span>{t('gui_ready', { count: used })}</span>
        ) : (
          <span class="muted">{plan.busy ? t('gui_planning') : t('gui_ready_unplanned')}</span>
        )}
      </div>
      {running ? (
        <>
          <button
            type="button"
            class="quiet"
            onClick={() => void actions.stop(true)}
            title={t('gui_stop_keep_help')}
          >
            <Icon name="keep" />
            {t('gui_stop_keep')}
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => void actions.stop(false)}
            title={t('gui_stop_help')}
          >
            <Icon name="stop" />
            {t('gui_stop')}
          </button>
        </>
      ) : (
        <button type="button" class="primary" disabled={!ready} onClick={() => void actions.start()}>
          <Icon name="play" />
          {t('gui_start')}
        </button>
      )}
    </footer>
  );
}
