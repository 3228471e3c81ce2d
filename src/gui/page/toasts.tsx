// What just happened, in the corner: read out by screen readers, errors stay until they are closed.
import type { CodedMessage } from '../../config/errors.js';
import type { Messages } from '../../report/make-messages.js';
import { Icon } from './icons.js';

export interface Toast {
  readonly id: number;
  readonly message: CodedMessage;
  readonly kind: 'error' | 'done';
}

export function Toasts({
  toasts,
  messages,
  close,
}: {
  readonly toasts: readonly Toast[];
  readonly messages: Messages;
  close(id: number): void;
}) {
  return (
    <div class="toasts" role="log" aria-live="polite" aria-label={messages.t('gui_messages')}>
      {toasts.map(({ id, message, kind }) => (
        <div key={id} class={`toast ${kind}`}>
          <Icon name={kind === 'error' ? 'warn' : 'check'} />
          <p>{messages.message(message)}</p>
          <button type="button" class="plain" aria-label={messages.t('gui_close')} onClick={() => close(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
