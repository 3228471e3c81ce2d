// Routes of the form: what it shows, whether it is right, where it is kept; and the texts of a language.
import path from 'node:path';
import { LANGUAGES, type Language } from '../../../report/language.js';
import { loadCatalogue } from '../../../report/messages.js';
import { codedMessageOf } from '../../../report/render-error.js';
import type { SessionInfo } from '../../api.js';
import { objectOf, textOf } from '../exchange.js';
import {
  checkForm,
  defaultForm,
  FORM_ROWS,
  isFileError,
  loadForm,
  masked,
  saveForm,
  saveValue,
} from '../form.js';
import { HttpError } from '../http-error.js';
import type { WindowSession } from '../session.js';
import type { Routes } from '../routes.js';

/** The file that a form is loaded from or saved to: the window's own, or a JSON file in a chosen folder. @throws HttpError */
async function fileFor(session: WindowSession, given: string): Promise<string> {
  if (given === '' || given === session.configFile) return session.configFile;
  if (path.extname(given) !== '.json') throw new HttpError(403, 'gui_error_not_chosen');
  return path.join(await session.chosen.folder(path.dirname(given)), path.basename(given));
}

export const configRoutes: Routes = {
  async 'GET /api/session'(exchange, session) {
    const { version, surroundings, language } = session.options;
    const about = {
      version,
      rows: FORM_ROWS,
      language,
      languages: LANGUAGES,
      home: surroundings.homeDir,
    };
    let info: SessionInfo;
    try {
      info = { ...about, form: masked(await loadForm(session.configFile, surroundings.env)) };
    } catch (error) {
      // A file of another version, or no JSON: the window opens and says so, and does not write over it.
      if (!isFileError(error)) throw error;
      info = { ...about, form: defaultForm(session.configFile), problem: codedMessageOf(error) };
    }
    exchange.json(info);
  },

  'GET /api/texts'(exchange) {
    const language = exchange.query('language');
    if (!LANGUAGES.includes(language as Language))
      throw new HttpError(400, 'gui_error_request', { what: 'language' });
    exchange.json(loadCatalogue(language as Language));
    return Promise.resolve();
  },

  async 'POST /api/config/check'(exchange) {
    exchange.json(checkForm(objectOf(await exchange.body(), 'values')));
  },

  async 'POST /api/config/load'(exchange, session) {
    const file = await fileFor(session, textOf(await exchange.body(), 'path'));
    const form = await loadForm(file, session.options.surroundings.env);
    session.configFile = file;
    exchange.json(masked(form));
  },

  async 'POST /api/config/save'(exchange, session) {
    const body = await exchange.body();
    const file = await fileFor(session, textOf(body, 'path'));
    await saveForm(file, objectOf(body, 'values'), session.configFile);
    session.configFile = file;
    exchange.json({ path: file });
  },

  /** How the window looks is kept at once, and nothing else with it. */
  async 'POST /api/config/appearance'(exchange, session) {
    const body = await exchange.body();
    const key = textOf(body, 'key');
    if (key !== 'language' && key !== 'qt_theme_mode')
      throw new HttpError(400, 'gui_error_request', { what: 'key' });
    await saveValue(session.configFile, key, textOf(body, 'value'));
    exchange.json({ path: session.configFile });
  },
};
