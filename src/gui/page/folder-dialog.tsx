// Chooses a folder of this machine. The list is walked with the arrow keys, Enter opens, the button chooses.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FolderListing } from '../api.js';
import { useApp } from './app-state.js';
import { ask } from './client.js';
import { codedMessageOf } from './coded.js';
import { Icon } from './icons.js';
import type { CodedMessage } from '../../config/errors.js';

export function FolderDialog({
  title,
  start,
  file,
  close,
  choose,
}: {
  readonly title: string;
  /** Where it opens; the home folder when that is not there. */
  readonly start: string;
  /** Name of a file that is asked for in the folder, instead of the folder itself. */
  readonly file?: string;
  close(): void;
  choose(path: string): void;
}) {
  const { messages, session } = useApp();
  const { t, number } = messages;
  const dialog = useRef<HTMLDialogElement>(null);
  const [listing, setListing] = useState<FolderListing>();
  const [problem, setProblem] = useState<CodedMessage>();
  const [typed, setTyped] = useState('');
  const [name, setName] = useState('');

  /** Grows with each letter that is typed: a listing that comes late does not write over it. */
  const edits = useRef(0);
  const go = async (path: string): Promise<void> => {
    const before = edits.current;
    try {
      const found = await ask<FolderListing>('folders', { query: { path } });
      setListing(found);
      if (edits.current === before) setTyped(found.path);
      setProblem(undefined);
      dialog.current?.querySelector('.folder-list')?.scrollTo(0, 0);
    } catch (error) {
      setProblem(codedMessageOf(error));
      if (!listing && path !== session.home) await go(session.home);
    }
  };
  useEffect(() => {
    dialog.current?.showModal();
    void go(start || session.home);
  }, []);

  const make = async (): Promise<void> => {
    if (!listing || name.trim() === '') return;
    try {
      setListing(await ask('folders/create', { body: { path: listing.path, name: name.trim() } }));
      setTyped(`${listing.path.replace(/[\\/]$/, '')}/${name.trim()}`);
      setName('');
    } catch (error) {
      setProblem(codedMessageOf(error));
    }
  };
  const finish = async (): Promise<void> => {
    try {
      // What is typed counts, also before it was listed.
      const { path } = await ask<{ path: string }>('folders/choose', { body: { path: typed } });
      choose(file ? `${path.replace(/[\\/]$/, '')}/${file}` : path);
    } catch (error) {
      setProblem(codedMessageOf(error));
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const all = [...(dialog.current?.querySelectorAll<HTMLElement>('.folder-list button') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))]?.focus();
    event.preventDefault();
  };

  return (
    <dialog ref={dialog} class="folder-dialog" aria-labelledby="folder-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void go(typed);
        }}
      >
        <header>
          <h2 id="folder-title">{title}</h2>
          <button
            type="button"
            class="plain"
            aria-label={t('gui_close')}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        <div class="with-button">
          <label class="unseen" for="folder-path">
            {t('gui_folder_path')}
          </label>
          <input
            id="folder-path"
            type="text"
            spellcheck={false}
            value={typed}
            onInput={(event) => {
              edits.current++;
              setTyped(event.currentTarget.value);
            }}
          />
          <button
            type="button"
            class="quiet"
            disabled={!listing?.parent}
            aria-label={t('gui_folder_up')}
            title={t('gui_folder_up')}
            onClick={() => listing?.parent && void go(listing.parent)}
          >
            <Icon name="up" />
          </button>
        </div>
        {problem && (
          <p class="issue" role="alert">
            {messages.message(problem)}
          </p>
        )}
        <ul class="folder-list" onKeyDown={onKey}>
          {listing?.folders.map((folder) => (
            <li key={folder}>
              <button
                type="button"
                onClick={() => void go(`${listing.path.replace(/[\\/]$/, '')}/${folder}`)}
              >
                <Icon name="folder" />
                {folder}
              </button>
            </li>
          ))}
          {listing?.folders.length === 0 && <li class="muted empty">{t('gui_folder_empty')}</li>}
        </ul>
        <footer>
          <span class="muted">
            {listing && t('gui_folder_fits', { count: listing.fits, shown: number(listing.fits) })}
          </span>
          <span class="grow" />
          {!file && listing?.writable && (
            <span class="new-folder with-button">
              <label class="unseen" for="folder-new">
                {t('gui_folder_new')}
              </label>
              <input
                id="folder-new"
                type="text"
                placeholder={t('gui_folder_new')}
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter') return;
                  event.preventDefault();
                  void make();
                }}
              />
              <button
                type="button"
                class="quiet"
                aria-label={t('gui_folder_create')}
                onClick={() => void make()}
              >
                <Icon name="plus" />
              </button>
            </span>
          )}
          <button type="button" class="primary" disabled={typed === ''} onClick={() => void finish()}>
            {file ? t('gui_load') : t('gui_folder_choose')}
          </button>
        </footer>
      </form>
    </dialog>
  );
}
