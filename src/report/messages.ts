// Texts of a language from the catalogues that stand beside the program: locales/<lang>.json, flat, ICU MessageFormat.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Language } from './language.js';
import { makeMessages, type Catalogue, type Messages } from './make-messages.js';

export { printable, type Catalogue, type Messages, type MessageValue } from './make-messages.js';

/** Reads the catalogue of a language that stands beside the program. */
export function loadCatalogue(language: Language): Catalogue {
  // src/report and dist/report are both two folders below the package's root.
  const path = fileURLToPath(new URL(`../../locales/${language}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8')) as Catalogue;
}

/** Texts of `language`; a key that the catalogue lacks is shown as the key itself with its values. */
export function createMessages(language: Language, catalogue: Catalogue = loadCatalogue(language)): Messages {
  return makeMessages(language, catalogue);
}
