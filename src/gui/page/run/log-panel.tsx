// The log of a run, at the level that is wanted; it follows its end until one scrolls away from it.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { choiceKey } from '../../../config/choice-key.js';
import type { RunEvent } from '../../../report/events.js';
import { describeEvent } from '../../../report/describe-event.js';
import { useApp } from '../app-state.js';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const SHOWN_LINES = 600;

export function LogPanel() {
  const { messages, run } = useApp();
  const { t } = messages;
  const [level, setLevel] = useState<(typeof LEVELS)[number]>('info');
  // An event keeps its text: hundreds of lines are drawn several times a second.
  const texts = useMemo(() => new WeakMap<RunEvent, string>(), [messages]);
  const textOf = (event: RunEvent): string => {
    const known = texts.get(event) ?? describeEvent(event, messages);
    texts.set(event, known);
    return known;
  };
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const lines = run.log
    .filter((entry) => LEVELS.indexOf(entry.level) <= LEVELS.indexOf(level))
    .slice(-SHOWN_LINES);
  useEffect(() => {
    if (follows.current) box.current?.scrollTo(0, box.current.scrollHeight);
  });
  return (
    <section class="card log" aria-label={t('gui_log')}>
      <header>
        <h2>{t('gui_log')}</h2>
        <span class="grow" />
        <label class="inline">
          {t('gui_log_level')}
          <select
            value={level}
            onChange={(event) => setLevel(event.currentTarget.value as (typeof LEVELS)[number])}
          >
            {LEVELS.map((name) => (
              <option key={name} value={name}>
                {t(choiceKey(name))}
              </option>
            ))}
          </select>
        </label>
      </header>
      <div
        class="log-lines"
        ref={box}
        tabIndex={0}
        role="log"
        aria-label={t('gui_log')}
        aria-live="off"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          follows.current = scrollTop + clientHeight > scrollHeight - 24;
        }}
      >
        {lines.map(({ time, level: own, event }, i) => (
          <p key={`${time} ${i}`} class={own}>
            <time>{time.slice(11, 19)}</time>
            {textOf(event)}
          </p>
        ))}
      </div>
    </section>
  );
}
