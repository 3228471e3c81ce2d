// The texts of a language, from the server's catalogue.
import type { Language } from '../../report/language.js';
import { makeMessages, type Catalogue, type Messages } from '../../report/make-messages.js';
import { ask } from './client.js';

export async function loadTexts(language: string): Promise<Messages> {
  const catalogue = await ask<Catalogue>('texts', { query: { language } });
  return makeMessages(language as Language, catalogue);
}
