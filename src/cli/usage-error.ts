// What was typed cannot be obeyed.
import { CodedError, type ErrorParams } from '../errors.js';

/** A wrong command line: exit code 2, and the way to the help. */
export class UsageError extends CodedError {
  constructor(
    code: string,
    params: ErrorParams,
    /** Command whose help would have told, '' for the program's own. */
    readonly command = '',
  ) {
    super(code, params);
  }
}
