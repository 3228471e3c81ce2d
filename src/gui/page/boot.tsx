// Loads the session and the texts, then the window; without a valid token it says how to get one.
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../../report/make-messages.js';
import { codedMessageOf } from './coded.js';
import type { SessionInfo } from '../api.js';
import { App } from './app.js';
import { ask, RefusedError } from './client.js';
import { loadTexts } from './load-texts.js';

/** What is said when not even the texts can be had: the languages of the program, a line each. */
const WITHOUT_TOKEN: readonly (readonly [string, string])[] = [
  ['en', 'This address is not valid (any more). Open the one that “zemosaic gui” prints.'],
  ['fr', 'Cette adresse n’est pas (ou plus) valable. Ouvrez celle qu’affiche « zemosaic gui ».'],
  ['es', 'Esta dirección no es (o ya no es) válida. Abra la que muestra «zemosaic gui».'],
  ['pl', 'Ten adres jest (już) nieważny. Otwórz ten, który wypisuje „zemosaic gui”.'],
  ['de', 'Diese Adresse gilt nicht (mehr). Öffnen Sie die, die „zemosaic gui“ ausgibt.'],
  ['nl', 'Dit adres is niet (meer) geldig. Open het adres dat ‘zemosaic gui’ toont.'],
  ['is', 'Þetta vistfang gildir ekki (lengur). Opnaðu það sem „zemosaic gui“ prentar.'],
];

export function Boot() {
  const [ready, setReady] = useState<{ session: SessionInfo; messages: Messages }>();
  const [refused, setRefused] = useState<RefusedError>();
  useEffect(() => {
    const load = async (): Promise<void> => {
      const session = await ask<SessionInfo>('session');
      const chosen = session.form.values.language;
      const language = typeof chosen === 'string' && chosen !== 'auto' ? chosen : session.language;
      setReady({ session, messages: await loadTexts(language) });
    };
    load().catch((error: unknown) => {
      setRefused(
        error instanceof RefusedError ? error : new RefusedError(0, codedMessageOf(error).code, {}, []),
      );
    });
  }, []);
  if (refused)
    return (
      <main class="lost">
        <img src="./icon.svg" alt="" width="56" height="56" />
        <h1>ZeMosaic</h1>
        {WITHOUT_TOKEN.map(([language, text]) => (
          <p lang={language} key={language}>
            {text}
          </p>
        ))}
      </main>
    );
  if (!ready) return <div class="booting" aria-hidden="true" />;
  return <App session={ready.session} messages={ready.messages} />;
}
