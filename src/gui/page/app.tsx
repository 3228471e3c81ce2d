// The window: its state and what changes it, the frame around the views, start and stop.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CodedMessage } from '../../config/errors.js';
import type { Messages } from '../../report/make-messages.js';
import type { Check, FormValues, KnownRun, LoadedForm, SessionInfo } from '../api.js';
import { ActionBar } from './action-bar.js';
import { AppContext, VIEWS, type AppActions, type AppState, type View } from './app-state.js';
import { ask, RefusedError } from './client.js';
import { codedMessageOf } from './coded.js';
import { Icon } from './icons.js';
import { loadTexts } from './load-texts.js';
import { ImagesView } from './images/images-view.js';
import { ResultView } from './result/result-view.js';
import { RunView } from './run/run-view.js';
import { SettingsView } from './settings/settings-view.js';
import { applyTheme, ThemeSwitch } from './theme.js';
import { Toasts, type Toast } from './toasts.js';
import { useFollowedRun } from './run/use-followed-run.js';
import { usePlan } from './plan/use-plan.js';

const ICONS = { images: 'stars', settings: 'sliders', run: 'pulse', result: 'picture' } as const;

/** Keys that say how the window looks. */
const APPEARANCE: readonly string[] = ['language', 'qt_theme_mode'];

export function App(props: { readonly session: SessionInfo; readonly messages: Messages }) {
  const { session } = props;
  const [messages, setMessages] = useState(props.messages);
  const [view, setView] = useState<View>('images');
  const [form, setForm] = useState<LoadedForm>(session.form);
  const [values, setValues] = useState<FormValues>(session.form.values);
  const [check, setCheck] = useState<Check>(session.form);
  const [excluded, setExcluded] = useState<ReadonlySet<string>>(new Set());
  const [outputDir, setOutputDir] = useState('');
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const current = useRef(values);
  current.current = values;

  const tell = useCallback((message: CodedMessage, kind: Toast['kind']) => {
    const id = Date.now() + Math.random();
    setToasts((all) => [...all.slice(-3), { id, message, kind }]);
    // An error stays until it is closed: it may be all that tells what is wrong.
    if (kind === 'done') setTimeout(() => setToasts((all) => all.filter((toast) => toast.id !== id)), 5000);
  }, []);

  const run = useFollowedRun(outputDir, tell);
  const plan = usePlan(values, check);

  useEffect(() => {
    document.documentElement.lang = messages.language;
  }, [messages]);
  useEffect(() => applyTheme(String(values.qt_theme_mode)), [values.qt_theme_mode]);
  useEffect(() => {
    if (session.problem) tell(session.problem, 'error');
    // The run that this configuration started is what one comes back for; others are offered.
    ask<KnownRun[]>('runs')
      .then(async (runs) => {
        const own = runs.find(({ outputDir: dir }) => dir === session.form.values.output_dir);
        if (!own) return;
        await attach(own.runId);
        setView('run');
      })
      .catch((error: unknown) => tell(codedMessageOf(error), 'error'));
  }, []);
  useEffect(() => {
    const checking = new AbortController();
    const timer = setTimeout(() => {
      ask<Check>('config/check', { body: { values }, signal: checking.signal })
        .then(setCheck)
        .catch((error: unknown) => {
          if (!checking.signal.aborted) tell(codedMessageOf(error), 'error');
        });
    }, 150);
    return () => {
      clearTimeout(timer);
      checking.abort();
    };
  }, [values]);

  async function attach(runId: string): Promise<void> {
    const known = await ask<KnownRun>('runs/attach', { body: { runId } });
    setOutputDir(known.outputDir);
  }

  /** What goes wrong is told; nothing is thrown at the views. */
  const guarded =
    <A extends readonly unknown[]>(work: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      try {
        await work(...args);
      } catch (error) {
        tell(codedMessageOf(error), 'error');
        if (error instanceof RefusedError)
          for (const detail of error.details) tell({ code: detail.code, params: detail.params }, 'error');
      }
    };

  const appear = guarded(async (key: string, value: string) => {
    if (key === 'language') setMessages(await loadTexts(value === 'auto' ? session.language : value));
    // A file that cannot be used is not written over.
    if (session.problem) return;
    await ask('config/appearance', { body: { key, value } });
    setForm((old) => ({ ...old, exists: true, values: { ...old.values, [key]: value } }));
  });

  const actions = useMemo<AppActions>(
    () => ({
      show: setView,
      set: (key, value) => {
        setValues((old) => ({ ...old, [key]: value }));
        if (APPEARANCE.includes(key)) void appear(key, String(value));
      },
      save: guarded(async (path = '') => {
        const saved = await ask<{ path: string }>('config/save', { body: { path, values: current.current } });
        setForm((old) => ({ ...old, path: saved.path, exists: true, values: current.current }));
        tell({ code: 'cli_config_saved', params: { path: saved.path } }, 'done');
      }),
      load: guarded(async (path) => {
        const loaded = await ask<LoadedForm>('config/load', { body: { path } });
        setForm(loaded);
        setValues(loaded.values);
        setCheck(loaded);
      }),
      exclude: setExcluded,
      start: guarded(async () => {
        const started = await ask<{ outputDir: string }>('runs', {
          body: { values: current.current, excluded: [...excludedNow.current] },
        });
        setOutputDir(started.outputDir);
        setView('run');
      }),
      stop: guarded(async (keep) => {
        await ask('runs/stop', { body: { runId: runNow.current, keep } });
      }),
      attach: guarded(async (runId) => {
        await attach(runId);
        setView('run');
      }),
      openResults: guarded(async (dir) => {
        const chosen = await ask<{ path: string }>('folders/choose', { body: { path: dir } });
        setOutputDir(chosen.path);
        setView('result');
      }),
      tell,
    }),
    [],
  );
  const excludedNow = useRef(excluded);
  excludedNow.current = excluded;
  const runNow = useRef('');
  runNow.current = run.model.runId;

  const dirty = session.rows.some(
    ({ key }) => JSON.stringify(values[key]) !== JSON.stringify(form.values[key]),
  );
  const state: AppState = {
    messages,
    session: { ...session, form },
    values,
    check,
    dirty,
    plan,
    excluded,
    run: run.model,
    outputDir,
    view,
    actions,
  };
  const { t } = messages;

  return (
    <AppContext.Provider value={state}>
      <a class="skip" href="#main">
        {t('gui_skip')}
      </a>
      <header class="top">
        <div class="brand">
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>ZeMosaic</span>
        </div>
        <nav aria-label={t('gui_nav')}>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              class="nav"
              aria-current={view === name ? 'page' : undefined}
              onClick={() => setView(name)}
            >
              <Icon name={ICONS[name]} />
              <span>{t(`gui_view_${name}`)}</span>
              {name === 'run' && run.model.status === 'running' && <i class="live-dot" aria-hidden="true" />}
            </button>
          ))}
        </nav>
        <div class="top-tools">
          <LanguageSelect />
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {view === 'images' && <ImagesView />}
        {view === 'settings' && <SettingsView />}
        {view === 'run' && <RunView />}
        {view === 'result' && <ResultView />}
      </main>
      <ActionBar />
      <Toasts
        toasts={toasts}
        messages={messages}
        close={(id) => setToasts((all) => all.filter((one) => one.id !== id))}
      />
    </AppContext.Provider>
  );

  function LanguageSelect() {
    return (
      <label class="language">
        <span class="unseen">{t('gui_language')}</span>
        <select
          value={messages.language}
          onChange={(event) => actions.set('language', event.currentTarget.value)}
        >
          {session.languages.map((language) => (
            <option key={language} value={language} lang={language}>
              {new Intl.DisplayNames([language], { type: 'language' }).of(language)}
            </option>
          ))}
        </select>
      </label>
    );
  }
}
