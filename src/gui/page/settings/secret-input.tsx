// A value that nobody is to read, nor a password manager to fill in: one that is stored is not shown, typing replaces it.
import { MASK } from '../../../config/secrets.js';
import { useApp } from '../app-state.js';
import type { ControlProps } from './control-props.js';

export function SecretInput({ row, value, common }: ControlProps) {
  const { messages, actions } = useApp();
  const stored = value === MASK;
  return (
    <input
      {...common}
      type="password"
      spellcheck={false}
      // "off" is not heeded for passwords; one that is called new is never filled in.
      autocomplete="new-password"
      placeholder={stored ? messages.t('gui_secret_set') : ''}
      value={stored ? '' : String(value ?? '')}
      onInput={(event) => actions.set(row.key, event.currentTarget.value)}
    />
  );
}
