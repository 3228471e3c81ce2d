// The plan of what the form says, made anew a moment after something changed.
import { useEffect, useState } from 'preact/hooks';
import type { ErrorParams } from '../../../errors.js';
import type { PlanSummary } from '../../../report/summaries.js';
import type { Check, FormValues } from '../../api.js';
import type { PlanState } from '../app-state.js';
import { listen } from '../client.js';
import { codedMessageOf } from '../coded.js';

const DELAY_MS = 700;

type PlanLine =
  | ({ readonly type: 'plan' } & PlanSummary)
  | { readonly type: 'error'; readonly code: string; readonly params: ErrorParams }
  | { readonly type: 'notice' | 'frame-rejected' };

/** Values that a plan does not depend on. */
const IRRELEVANT = [
  'language',
  'qt_theme_mode',
  'log_level',
  'output_name',
  'cleanup_temp_artifacts',
  'cache_retention',
];

export function usePlan(values: FormValues, check: Check): PlanState {
  const [state, setState] = useState<PlanState>({ busy: false });
  const relevant = JSON.stringify(Object.entries(values).filter(([key]) => !IRRELEVANT.includes(key)));
  const possible = values.input_dir !== '' && values.output_dir !== '' && check.issues.length === 0;
  useEffect(() => {
    if (!possible) {
      setState({ busy: false });
      return undefined;
    }
    const stop = new AbortController();
    const make = async (): Promise<void> => {
      setState((old) => ({ ...old, busy: true }));
      let result: PlanState = { busy: false };
      await listen<PlanLine>('plan', { body: { values }, signal: stop.signal }, (line) => {
        if (line.type === 'plan') result = { busy: false, plan: line };
        else if (line.type === 'error')
          result = { busy: false, problem: { code: line.code, params: line.params } };
      });
      if (!stop.signal.aborted) setState(result);
    };
    const timer = setTimeout(() => {
      make().catch((error: unknown) => {
        if (!stop.signal.aborted) setState({ busy: false, problem: codedMessageOf(error) });
      });
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [relevant, possible]);
  return state;
}
