// The log of a run: JSON lines (pino) with the event's fields and its text. Logs are final outputs: no teardown
// removes them, a further run appends.
import { pino, type Logger } from 'pino';
import { describeEvent, eventLevel, type EventLevel } from './describe-event.js';
import { isDiskFull } from '../errors.js';
import type { ClosableSink } from './events.js';
import type { Messages } from './messages.js';

/** Name of the log in the output folder. */
export const LOG_FILE_NAME = 'zemosaic.log';

/** A sink that also takes the error that ended a run; a log that was never begun does not begin with it. */
export interface LogSink extends ClosableSink {
  error(error: unknown, text: string): void;
}

/**
 * The log `path`: events at `level` and above. The file (and its folder) is made when the first event comes, so that
 * a run that is refused before it starts leaves nothing; lines are written at once, so that a killed run leaves all
 * of them. When the disk fails, `onFailure` hears of it once and the run goes on without its log.
 */
export function createLogSink(
  path: string,
  level: EventLevel,
  messages: Messages,
  onFailure: (error: unknown) => void,
): LogSink {
  let log: { readonly logger: Logger; readonly end: () => void } | undefined;
  let [failed, told] = [false, false];
  const fail = (error: unknown): void => {
    if (!told) onFailure(error);
    told = true;
    // A full disk may have room again: of the log, lines are missing then, and not its end.
    failed = !isDiskFull(error);
  };
  const open = (): NonNullable<typeof log> => {
    const destination = pino.destination({ dest: path, sync: true, mkdir: true, append: true });
    destination.on('error', fail);
    const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
    return { logger: pino(options, destination), end: () => destination.end() };
  };
  const guarded = (write: () => void): void => {
    if (failed) return;
    try {
      write();
    } catch (error) {
      fail(error);
    }
  };
  return {
    emit: (event) =>
      guarded(() => {
        log ??= open();
        log.logger[eventLevel(event)]({ event }, describeEvent(event, messages));
      }),
    error: (error, text) => guarded(() => log?.logger.error({ err: error }, text)),
    close: () => guarded(() => log?.end()),
  };
}
