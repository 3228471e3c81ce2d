// An answer that refuses: its HTTP status beside the coded text.
import { CodedError, type ErrorParams } from '../../errors.js';

export class HttpError extends CodedError {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422,
    code: string,
    params: ErrorParams = {},
  ) {
    super(code, params);
  }
}
