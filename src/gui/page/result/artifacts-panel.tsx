// What stands in the output folder that was only of use during a run, with its size and meaning, and the button that removes it.
import { useState } from 'preact/hooks';
import type { CleanSummary } from '../../../report/summaries.js';
import type { Results } from '../../api.js';
import { useApp } from '../app-state.js';
import { ask } from '../client.js';
import { codedMessageOf } from '../coded.js';
import { Icon } from '../icons.js';

export function ArtifactsPanel({ results, changed }: { readonly results: Results; changed(): void }) {
  const { messages, run, actions } = useApp();
  const { t, bytes } = messages;
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const { artifacts, dir } = results;
  const total = artifacts.reduce((sum, { bytes: size }) => sum + size, 0);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      const summary = await ask<CleanSummary>('artifacts/clean', { body: { dir } });
      for (const { path, reason } of summary.failed)
        actions.tell(
          {
            code: 'report_artifact_not_removed',
            params: { outcome: 'failed', path, reason: messages.message(reason) },
          },
          'error',
        );
      const size = summary.removed.reduce((sum, one) => sum + one.bytes, 0);
      actions.tell(
        { code: 'cli_clean_total', params: { dry: 'no', count: summary.removed.length, size: bytes(size) } },
        'done',
      );
    } catch (error) {
      actions.tell(codedMessageOf(error), 'error');
    } finally {
      setBusy(false);
      setSure(false);
      changed();
    }
  };
  return (
    <section class="card artifacts" aria-label={t('gui_artifacts')}>
      <header>
        <h2>{t('gui_artifacts')}</h2>
        <span class="grow" />
        {artifacts.length > 0 && run.status !== 'running' && (
          <>
            {sure && (
              <button type="button" class="quiet" onClick={() => setSure(false)}>
                {t('gui_cancel')}
              </button>
            )}
            <button
              type="button"
              class="danger"
              disabled={busy}
              onClick={() => (sure ? void remove() : setSure(true))}
            >
              <Icon name="broom" />
              {sure ? t('gui_artifacts_sure', { size: bytes(total) }) : t('gui_artifacts_remove')}
            </button>
          </>
        )}
      </header>
      {artifacts.length === 0 ? (
        <p class="muted">{t('gui_artifacts_none')}</p>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label={t('gui_artifacts')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('gui_frames_file')}</th>
                <th scope="col">{t('gui_artifacts_meaning')}</th>
                <th scope="col" class="num">
                  {t('gui_artifacts_size')}
                </th>
              </tr>
            </thead>
            <tbody>
              {artifacts.map(({ path, meaning, bytes: size }) => (
                <tr key={path}>
                  <td>
                    <bdi>{path.startsWith(dir) ? path.slice(dir.length + 1) : path}</bdi>
                  </td>
                  <td>{messages.message(meaning)}</td>
                  <td class="num">{bytes(size)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
