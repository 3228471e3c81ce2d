// A product that is to be written.
import type { OutputKind } from '../../report/events.js';

export interface SaveJob {
  readonly kind: OutputKind;
  /** Its name is the run's with this. */
  readonly suffix: string;
  /** A folder of files; one file unless told. */
  readonly form?: 'tree';
  /** Where it may turn out that there is nothing to write. */
  readonly isVoid?: () => Promise<boolean>;
  /** Lets it grow at `temporaryPath`, and brings it to its place. */
  readonly write: (temporaryPath: string) => Promise<unknown>;
}
