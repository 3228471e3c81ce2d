// What every control of the form is given.
import type { FormRow } from '../../api.js';

export interface ControlProps {
  readonly row: FormRow;
  readonly value: unknown;
  /** Identity, description and validity, for whatever element the control is. */
  readonly common: Readonly<Record<string, string | undefined>>;
}
