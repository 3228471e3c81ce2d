// Any error as a coded text.
import type { CodedMessage } from '../../config/errors.js';
import { CodedError } from '../../errors.js';

export function codedMessageOf(error: unknown): CodedMessage {
  if (error instanceof CodedError) return { code: error.code, params: error.params };
  const name = error instanceof Error ? error.name : typeof error;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'report_error_unexpected', params: { name, detail } };
}
