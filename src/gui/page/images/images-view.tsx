// Before a run: the folders, the frames one by one, where they lie on the sky, and what the plan says.
import { useState } from 'preact/hooks';
import { useApp } from '../app-state.js';
import { FolderDialog } from '../folder-dialog.js';
import { FramesTable } from './frames-table.js';
import { Icon } from '../icons.js';
import { PlanPanel } from '../plan/plan-panel.js';
import { RunsAtWork } from '../runs-at-work.js';
import { SkyMap } from './sky-map.js';

export function ImagesView() {
  const { messages, plan, values } = useApp();
  const { t } = messages;
  const [selected, setSelected] = useState<string>();
  return (
    <section class="page images">
      <h1 class="unseen">{t('gui_view_images')}</h1>
      <RunsAtWork />
      <div class="folder-cards">
        <FolderCard name="input_dir" />
        <FolderCard name="output_dir" />
      </div>
      {plan.problem && (
        <p class="issue card" role="alert">
          {messages.message(plan.problem)}
        </p>
      )}
      {values.input_dir === '' ? (
        <div class="welcome card">
          <Icon name="stars" />
          <h2>{t('gui_welcome')}</h2>
          <p>{t('gui_welcome_text')}</p>
        </div>
      ) : (
        <div class="images-grid">
          <PlanPanel />
          <SkyMap selected={selected} select={setSelected} />
          <FramesTable selected={selected} select={setSelected} />
        </div>
      )}
    </section>
  );
}

function FolderCard({ name }: { readonly name: 'input_dir' | 'output_dir' }) {
  const { messages, values, actions } = useApp();
  const { t } = messages;
  const [browsing, setBrowsing] = useState(false);
  const value = String(values[name] ?? '');
  const label = t(`gui_${name}`);
  return (
    <button
      type="button"
      class={`folder-card ${value === '' ? 'unset' : ''}`}
      onClick={() => setBrowsing(true)}
    >
      <Icon name="folder" />
      <span class="folder-card-label">{label}</span>
      <bdi class="folder-card-path">{value === '' ? t('gui_folder_pick') : value}</bdi>
      {browsing && (
        <span onClick={(event) => event.stopPropagation()}>
          <FolderDialog
            title={label}
            start={value}
            close={() => setBrowsing(false)}
            choose={(path) => {
              setBrowsing(false);
              actions.set(name, path);
            }}
          />
        </span>
      )}
    </button>
  );
}
