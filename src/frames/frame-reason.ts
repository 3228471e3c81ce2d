// Why a file is not used: a code, which is the key of its text in locales/, and the values that the text names.
import { CodedError, type ErrorParams } from '../errors.js';

export interface FrameReason {
  readonly code: string;
  readonly params: ErrorParams;
}

/** The reason that a coded error gives; any other error is no reason and is thrown on. */
export function reasonOfError(error: unknown): FrameReason {
  if (error instanceof CodedError) return { code: error.code, params: error.params };
  throw error;
}
