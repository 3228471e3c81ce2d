// Which way events reach the user of a command.
import { createBarSink } from '../report/bar-sink.js';
import type { ClosableSink } from '../report/events.js';
import { fewerRefusals } from '../report/fewer-refusals.js';
import { createJsonSink } from '../report/json-sink.js';
import { createLineSink } from '../report/line-sink.js';
import type { CommandContext } from './context.js';

/** The sink of the screen: JSON lines, which tell everything; bars on a terminal, plain lines elsewhere, with few of the refused files where a log and a report name all (`isLogged`). */
export function screenSink(
  context: CommandContext,
  { isLogged }: { readonly isLogged: boolean },
): ClosableSink {
  const { host, messages, quiet } = context;
  if (context.json) return createJsonSink(host.stdout);
  const drawsBars = host.stderr.isTTY && !quiet;
  const screen = drawsBars
    ? createBarSink(host.stderr, messages)
    : createLineSink(host.stderr, messages, { quiet });
  return isLogged ? fewerRefusals(screen) : screen;
}
