// Light, dark, and red for the dark-adapted eye; the system's own until one is chosen.
import { choiceKey } from '../../config/choice-key.js';
import { useApp } from './app-state.js';
import { Icon } from './icons.js';

const THEMES = ['system', 'light', 'dark', 'night'] as const;
const LIGHT = matchMedia('(prefers-color-scheme: light)');
/** What was shown last, for the time until the configuration is there: no white flash at night. */
const STORED = 'zemosaic-theme';
const ICON = { system: 'half', light: 'sun', dark: 'moon', night: 'eye' } as const;

export const lastTheme = (): string => localStorage.getItem(STORED) ?? 'system';

/** Shows a theme; the result ends the following of the system's. */
export function applyTheme(theme: string): () => void {
  localStorage.setItem(STORED, theme);
  const show = (): void => {
    const ofSystem = LIGHT.matches ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme === 'system' ? ofSystem : theme;
  };
  show();
  LIGHT.addEventListener('change', show);
  return () => LIGHT.removeEventListener('change', show);
}

export function ThemeSwitch() {
  const {
    messages: { t },
    values,
    actions,
  } = useApp();
  return (
    <div class="segmented" role="group" aria-label={t('gui_theme')}>
      {THEMES.map((name) => (
        <button
          key={name}
          type="button"
          title={t(choiceKey(name))}
          aria-label={t(choiceKey(name))}
          aria-pressed={values.qt_theme_mode === name}
          onClick={() => actions.set('qt_theme_mode', name)}
        >
          <Icon name={ICON[name]} />
        </button>
      ))}
    </div>
  );
}
