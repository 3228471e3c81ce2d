// One value of the configuration: label from its help text, control from its kind, default, unit, what is wrong.
import { useEffect, useState } from 'preact/hooks';
import { choiceKey } from '../../../config/choice-key.js';
import type { Messages } from '../../../report/make-messages.js';
import type { FormRow } from '../../api.js';
import { useApp } from '../app-state.js';
import type { ControlProps } from './control-props.js';
import { FolderDialog } from '../folder-dialog.js';
import { Icon } from '../icons.js';
import { SecretInput } from './secret-input.js';

/** A help text says first what a value is, and after a semicolon what one should know about it. */
function labelOf(help: string, values: readonly string[]): { readonly label: string; readonly hint: string } {
  const at = help.search(/\s*;\s/);
  if (at < 0) return { label: help, hint: '' };
  const hint = help.slice(at).replace(/^\s*;\s*/, '');
  // A value stays as it is written.
  const begins = values.includes(/^\w+/.exec(hint)?.[0] ?? '')
    ? hint
    : hint.charAt(0).toUpperCase() + hint.slice(1);
  return { label: help.slice(0, at), hint: begins };
}

/** How a value is written in a control, and back; null is automatic. */
function toText({ kind }: FormRow, value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(kind === 'limits' ? ', ' : ' x ') : String(value);
}

function fromText(row: FormRow, text: string): unknown {
  const trimmed = text.trim();
  switch (row.kind) {
    case 'integer':
    case 'number':
      if (trimmed === '') return row.default === null ? null : '';
      return Number.isFinite(Number(trimmed.replace(',', '.'))) ? Number(trimmed.replace(',', '.')) : trimmed;
    case 'size': {
      if (trimmed === '') return null;
      const parts = trimmed.split(/\s*[x×,]\s*/i).map(Number);
      return parts.length === 2 && parts.every(Number.isFinite) ? parts : trimmed;
    }
    case 'limits': {
      const parts = trimmed.split(/\s*[;,]\s*/).map(Number);
      return parts.length === 2 && parts.every(Number.isFinite) ? parts : trimmed;
    }
    default:
      return text;
  }
}

/** A choice in words; a language by its own name for it. */
function nameOf({ key }: FormRow, choice: string, { language, t }: Messages): string {
  const own = key === 'language' && choice !== 'auto';
  return (own && new Intl.DisplayNames([language], { type: 'language' }).of(choice)) || t(choiceKey(choice));
}

/** The default as its control would show it. */
function defaultText(row: FormRow, messages: Messages): string {
  const { kind, default: value } = row;
  if (kind === 'boolean') return messages.t(choiceKey(value === true ? 'on' : 'off'));
  if (kind === 'choice') return nameOf(row, String(value), messages);
  return toText(row, value) || messages.t(value === null ? 'gui_automatic' : 'gui_empty');
}

export function Field({ row }: { readonly row: FormRow }) {
  const { messages, session, values, check, actions } = useApp();
  const { t } = messages;
  const { label, hint } = labelOf(t(row.helpKey), (row.schema.enum ?? []) as readonly string[]);
  const value = values[row.key];
  const issue = check.issues.find(({ key }) => key === row.key);
  const changed = JSON.stringify(value) !== JSON.stringify(row.default);
  const origin = (session.form.provenance as Record<string, string>)[row.key];
  const reset = t('gui_reset', { value: defaultText(row, messages) });
  const id = `field-${row.key}`;
  const described = [hint !== '' && `${id}-hint`, issue && `${id}-issue`].filter(Boolean).join(' ');
  const common = {
    id,
    'aria-describedby': described || undefined,
    'aria-invalid': issue ? ('true' as const) : undefined,
  };
  return (
    <div class={`field ${issue ? 'wrong' : ''}`}>
      {row.kind === 'boolean' ? (
        <label class="switch">
          <input
            {...common}
            type="checkbox"
            checked={value === true}
            onChange={(event) => actions.set(row.key, event.currentTarget.checked)}
          />
          <span>{label}</span>
        </label>
      ) : (
        <>
          <label for={id}>{label}</label>
          <Control row={row} value={value} common={common} />
        </>
      )}
      <div class="field-foot">
        <code>
          {row.key}
          {row.kind === 'choice' && ` = ${String(value)}`}
        </code>
        {origin === 'env' && <span class="tag">{t('gui_from_environment')}</span>}
        {changed && (
          <button
            type="button"
            class="plain reset"
            title={reset}
            aria-label={`${label}: ${reset}`}
            onClick={() => actions.set(row.key, row.default)}
          >
            <Icon name="undo" />
          </button>
        )}
      </div>
      {hint !== '' && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {issue && (
        <p class="issue" id={`${id}-issue`} role="alert">
          {messages.message(issue)}
        </p>
      )}
    </div>
  );
}

function Control({ row, value, common }: ControlProps) {
  const { messages, actions } = useApp();
  const { t } = messages;
  const [browsing, setBrowsing] = useState(false);
  if (row.kind === 'choice') {
    return (
      <select
        {...common}
        value={String(value)}
        onChange={(event) => actions.set(row.key, event.currentTarget.value)}
      >
        {(row.schema.enum as readonly string[]).map((choice) => (
          <option key={choice} value={choice} title={choice}>
            {nameOf(row, choice, messages)}
          </option>
        ))}
      </select>
    );
  }
  if (row.kind === 'path') {
    return (
      <div class="with-button">
        <TextInput row={row} value={value} common={common} />
        <button
          type="button"
          class="quiet"
          aria-label={`${t('gui_browse')}: ${row.key}`}
          title={t('gui_browse')}
          onClick={() => setBrowsing(true)}
        >
          <Icon name="folder" />
        </button>
        {browsing && (
          <FolderDialog
            title={t(row.helpKey)}
            start={String(value ?? '')}
            close={() => setBrowsing(false)}
            choose={(path) => {
              setBrowsing(false);
              actions.set(row.key, path);
            }}
          />
        )}
      </div>
    );
  }
  if (row.secret) return <SecretInput row={row} value={value} common={common} />;
  const unit = row.unit;
  return (
    <div class={unit ? 'with-unit' : ''}>
      <TextInput row={row} value={value} common={common} />
      {unit && <span class="unit">{unit === 'deg' ? '°' : unit}</span>}
    </div>
  );
}

/** What is typed stays as it was typed until the field is left: "2." is on its way to 2.5. */
function TextInput({ row, value, common }: ControlProps) {
  const { messages, actions } = useApp();
  const [typed, setTyped] = useState<string>();
  useEffect(() => setTyped(undefined), [value === row.default]);
  const numeric = row.kind === 'integer' || row.kind === 'number';
  return (
    <input
      {...common}
      type="text"
      inputMode={numeric ? 'decimal' : undefined}
      spellcheck={false}
      autocomplete="off"
      placeholder={row.default === null ? messages.t('gui_automatic') : ''}
      value={typed ?? toText(row, value)}
      onInput={(event) => {
        setTyped(event.currentTarget.value);
        actions.set(row.key, fromText(row, event.currentTarget.value));
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}
