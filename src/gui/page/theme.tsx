// Light, dark, and red for the dark-adapted eye; the system's own until one is chosen.
import { useApp } from './app-state.js';
import { Icon } from './icons.js';

export const THEMES = ['system', 'light', 'dark', 'night'] as const;
const STORED = 'zemosaic-theme';
const ICON = { system: 'half', light: 'sun', dark: 'moon', night: 'eye' } as const;

export function storedTheme(): string {
  return localStorage.getItem(STORED) ?? 'system';
}

export function applyTheme(theme: string): void {
  localStorage.setItem(STORED, theme);
  const light = matchMedia('(prefers-color-scheme: light)').matches;
  document.documentElement.dataset.theme = theme === 'system' ? (light ? 'light' : 'dark') : theme;
}

export function ThemeSwitch() {
  const {
    messages: { t },
    theme,
    actions,
  } = useApp();
  return (
    <div class="segmented" role="group" aria-label={t('gui_theme')}>
      {THEMES.map((name) => (
        <button
          key={name}
          type="button"
          title={t(`gui_theme_${name}`)}
          aria-label={t(`gui_theme_${name}`)}
          aria-pressed={theme === name}
          onClick={() => actions.setTheme(name)}
        >
          <Icon name={ICON[name]} />
        </button>
      ))}
    </div>
  );
}
