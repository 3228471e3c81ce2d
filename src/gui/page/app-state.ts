// The state of the page that all views share, handed down by context.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PlanSummary } from '../../report/summaries.js';
import type { CodedMessage } from '../../config/errors.js';
import type { Messages } from '../../report/make-messages.js';
import type { Check, FormValues, SessionInfo } from '../api.js';
import type { RunModel } from './run-model.js';

export const VIEWS = ['images', 'settings', 'run', 'result'] as const;
export type View = (typeof VIEWS)[number];

/** The plan of what the form says, on its way or there. */
export interface PlanState {
  readonly busy: boolean;
  readonly plan?: PlanSummary;
  readonly problem?: CodedMessage;
}

export interface AppState {
  readonly messages: Messages;
  readonly session: SessionInfo;
  readonly values: FormValues;
  readonly check: Check;
  /** Differs from what the file holds. */
  readonly dirty: boolean;
  readonly plan: PlanState;
  /** Paths of frames that are left out. */
  readonly excluded: ReadonlySet<string>;
  readonly run: RunModel;
  /** Output folder that is shown, '' for none. */
  readonly outputDir: string;
  readonly view: View;
  readonly actions: AppActions;
}

export interface AppActions {
  show(view: View): void;
  /** Sets a value of the form; how the window looks is shown and saved at once. */
  set(key: string, value: unknown): void;
  save(path?: string): Promise<void>;
  load(path: string): Promise<void>;
  exclude(paths: ReadonlySet<string>): void;
  start(): Promise<void>;
  stop(keep: boolean): Promise<void>;
  attach(runId: string): Promise<void>;
  openResults(dir: string): Promise<void>;
  /** Shows a refusal or a success in the corner of the window. */
  tell(message: CodedMessage, kind: 'error' | 'done'): void;
}

export const AppContext = createContext<AppState | null>(null);

/** The shared state; only inside the app. */
export function useApp(): AppState {
  const state = useContext(AppContext);
  if (!state) throw new TypeError('useApp outside of the app');
  return state;
}
