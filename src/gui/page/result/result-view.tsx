// After a run: the mosaic to walk about in, the report, what was kept.
import { useEffect, useState } from 'preact/hooks';
import type { CodedMessage } from '../../../config/errors.js';
import type { ImageInfo, Results } from '../../api.js';
import { useApp } from '../app-state.js';
import { ArtifactsPanel } from './artifacts-panel.js';
import { ask } from '../client.js';
import { codedMessageOf } from '../coded.js';
import { FolderDialog } from '../folder-dialog.js';
import { Icon } from '../icons.js';
import { ReportPanel } from './report-panel.js';
import { Viewer } from '../viewer/viewer.js';

export function ResultView() {
  const { messages, outputDir, run, values, actions } = useApp();
  const { t } = messages;
  const [results, setResults] = useState<Results>();
  const [image, setImage] = useState<ImageInfo>();
  const [problem, setProblem] = useState<CodedMessage>();
  const [browsing, setBrowsing] = useState(false);
  const [turn, setTurn] = useState(0);
  const over = run.status !== 'running';
  useEffect(() => {
    setProblem(undefined);
    if (outputDir === '') return;
    const load = async (): Promise<void> => {
      const found = await ask<Results>('results', { query: { dir: outputDir } });
      setResults(found);
      setImage(
        found.sciencePath === undefined
          ? undefined
          : await ask<ImageInfo>('image', { query: { path: found.sciencePath } }),
      );
    };
    load().catch((error: unknown) => setProblem(codedMessageOf(error)));
  }, [outputDir, over, turn]);
  return (
    <section class="page result">
      <div class="page-head">
        <h1>{t('gui_view_result')}</h1>
        <bdi class="muted">{outputDir}</bdi>
        <span class="grow" />
        <button type="button" class="quiet" onClick={() => setBrowsing(true)}>
          <Icon name="open" />
          {t('gui_open_result')}
        </button>
      </div>
      {problem && (
        <p class="issue card" role="alert">
          {messages.message(problem)}
        </p>
      )}
      {image && results?.sciencePath ? (
        <Viewer key={`${image.path} ${turn} ${run.runId}`} image={image} />
      ) : (
        !problem && (
          <div class="welcome card">
            <Icon name="picture" />
            <h2>{t('gui_result_none')}</h2>
            <p>{t('gui_result_none_text')}</p>
          </div>
        )
      )}
      {results?.report && <ReportPanel report={results.report} />}
      {results && outputDir !== '' && (
        <ArtifactsPanel results={results} changed={() => setTurn((old) => old + 1)} />
      )}
      {browsing && (
        <FolderDialog
          title={t('gui_open_result')}
          start={outputDir || String(values.output_dir ?? '')}
          close={() => setBrowsing(false)}
          choose={(path) => {
            setBrowsing(false);
            void actions.openResults(path);
          }}
        />
      )}
    </section>
  );
}
