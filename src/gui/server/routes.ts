// The shape of a table of routes.
import type { Exchange } from './exchange.js';
import type { WindowSession } from './session.js';

/** `METHOD /path`, and what answers. */
export type Routes = Readonly<Record<string, (exchange: Exchange, session: WindowSession) => Promise<void>>>;
