// The whole configuration as a form, made from the one table: tabs as users know them, groups, what is wrong beside what is wrong.
import { useState } from 'preact/hooks';
import { CONFIG_GROUPS } from '../../../config/row.js';
import type { FormRow } from '../../api.js';
import { useApp } from '../app-state.js';
import { Field } from './field.js';
import { FolderDialog } from '../folder-dialog.js';
import { Icon } from '../icons.js';
import { PlanBill } from '../plan/plan-bill.js';

const TABS = ['main', 'solver', 'system', 'advanced', 'language'] as const;
type Tab = (typeof TABS)[number];

/** Keys that stand under another tab or group than their group says. */
const SOLVER_KEY = /^(force_resolve_|solver_|astap_|astrometry_)/;
const SYSTEM_KEYS = ['backend', 'use_gpu_phase5', 'gpu_selector', 'require_gpu'];

function tabOf({ key, group }: FormRow): Tab {
  if (key === 'language' || key === 'qt_theme_mode') return 'language';
  if (SOLVER_KEY.test(key)) return 'solver';
  if (group === 'system' || SYSTEM_KEYS.includes(key)) return 'system';
  return group === 'main' || group === 'output' ? 'main' : 'advanced';
}

const groupOf = (row: FormRow): string => (SYSTEM_KEYS.includes(row.key) ? 'system' : row.group);

/** The switch, what governs it beside it, first; folders last. */
const SYSTEM_ORDER = [
  'coadd_use_memmap',
  'coadd_cleanup_memmap',
  'coadd_memmap_dir',
  'cleanup_temp_artifacts',
  'cache_retention',
  ...SYSTEM_KEYS,
  'memory_budget_mb',
];

function ordered(rows: readonly FormRow[]): readonly FormRow[] {
  const rank = ({ key }: FormRow) =>
    (SYSTEM_ORDER.indexOf(key) + SYSTEM_ORDER.length + 1) % (SYSTEM_ORDER.length + 1);
  const place = (row: FormRow) =>
    SYSTEM_ORDER.includes(row.key) ? SYSTEM_ORDER.indexOf(row.key) : SYSTEM_ORDER.length + rank(row);
  return [...rows].sort((a, b) => place(a) - place(b));
}

export function SettingsView() {
  const { messages, session, check, dirty, actions } = useApp();
  const { t } = messages;
  const [tab, setTab] = useState<Tab>('main');
  const [search, setSearch] = useState('');
  const [loading, setLoading] = useState(false);
  const words = search.trim().toLowerCase();
  const matches = (row: FormRow): boolean =>
    words === '' ? tabOf(row) === tab : `${row.key} ${t(row.helpKey)}`.toLowerCase().includes(words);
  const shown = session.rows.filter(matches);
  const groups = CONFIG_GROUPS.map((group) => ({
    group,
    rows: shown.filter((row) => groupOf(row) === group),
  })).filter(({ rows }) => rows.length > 0);
  const issuesIn = (name: Tab): number =>
    check.issues.filter(({ key }) => session.rows.some((row) => row.key === key && tabOf(row) === name))
      .length;

  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length];
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };

  return (
    <section class="page settings">
      <div class="page-head">
        <h1>{t('gui_view_settings')}</h1>
        <label class="search">
          <span class="unseen">{t('gui_settings_search')}</span>
          <input
            type="search"
            placeholder={t('gui_settings_search')}
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
      </div>
      <div class="file-line">
        <code>{session.form.path}</code>
        {dirty && <span class="tag warn">{t('gui_unsaved')}</span>}
        <span class="grow" />
        <button type="button" class="quiet" onClick={() => setLoading(true)}>
          <Icon name="open" />
          {t('gui_load')}
        </button>
        <button
          type="button"
          class="secondary"
          disabled={check.issues.length > 0}
          onClick={() => void actions.save()}
        >
          <Icon name="save" />
          {t('gui_save')}
        </button>
      </div>
      <div class="tabs" role="tablist" aria-label={t('gui_view_settings')} onKeyDown={onKey}>
        {TABS.map((name) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={words === '' && tab === name}
            aria-controls="settings-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => {
              setTab(name);
              setSearch('');
            }}
          >
            {t(`gui_tab_${name}`)}
            {issuesIn(name) > 0 && <span class="badge">{issuesIn(name)}</span>}
          </button>
        ))}
      </div>
      <div id="settings-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} class="groups">
        {groups.length === 0 && <p class="muted">{t('gui_settings_none')}</p>}
        {groups.map(({ group, rows }) => (
          <fieldset key={group} class="card">
            <legend>{t(`config_group_${group}`).replace(/\s*:$/, '')}</legend>
            {(group === 'system' ? ordered(rows) : rows).map((row) => (
              <Field key={row.key} row={row} />
            ))}
          </fieldset>
        ))}
        {tab === 'system' && words === '' && <PlanBill />}
      </div>
      {loading && (
        <FolderDialog
          title={t('gui_load')}
          start={session.form.path.replace(/[\\/][^\\/]*$/, '')}
          file="zemosaic_config.json"
          close={() => setLoading(false)}
          choose={(path) => {
            setLoading(false);
            void actions.load(path);
          }}
        />
      )}
    </section>
  );
}
