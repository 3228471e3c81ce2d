// The events of the run in a folder, as long as the folder is shown; a stream that breaks is taken up again.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CodedMessage } from '../../../config/errors.js';
import { listen, RefusedError } from '../client.js';
import { codedMessageOf } from '../coded.js';
import { RunModel, type RunLine } from '../run-model.js';

const RETRY_MS = 2000;
/** Events come by the hundred; the page is drawn at most this often. */
const REDRAW_MS = 250;

/** `version` grows with each redraw, because the model is changed in place. */
export function useFollowedRun(
  outputDir: string,
  tell: (message: CodedMessage, kind: 'error') => void,
): { readonly model: RunModel; readonly version: number } {
  const model = useRef(new RunModel());
  const [version, setVersion] = useState(0);
  useEffect(() => {
    model.current = new RunModel();
    if (outputDir === '') return undefined;
    const stop = new AbortController();
    let due: ReturnType<typeof setTimeout> | undefined;
    /** What was told last, '' while all is well. */
    let told = '';
    const redraw = (): void => {
      due ??= setTimeout(() => {
        due = undefined;
        setVersion((old) => old + 1);
      }, REDRAW_MS);
    };
    const follow = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        try {
          await listen<RunLine>('runs/events', { query: { dir: outputDir }, signal: stop.signal }, (line) => {
            if (line.type === 'restart') model.current = new RunModel();
            model.current.add(line);
            told = '';
            redraw();
          });
        } catch (error) {
          if (stop.signal.aborted) return;
          // Said once, and looked for again: the server may be started anew, or the machine wake up.
          const message = codedMessageOf(error);
          if (message.code !== told) tell(message, 'error');
          told = message.code;
          if (error instanceof RefusedError && error.status === 401) return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void follow();
    setVersion((old) => old + 1);
    return () => {
      stop.abort();
      clearTimeout(due);
    };
  }, [outputDir]);
  return { model: model.current, version };
}
