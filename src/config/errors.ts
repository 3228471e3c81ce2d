// Errors and notices of the configuration. All that is wrong is gathered first and reported at once.
import { CodedError, type ErrorParams } from '../errors.js';

/** A text to be rendered: locale key and the values it names. */
export interface CodedMessage {
  readonly code: string;
  readonly params: ErrorParams;
  /** What lies behind it; its text is `{because}` in that of the message. */
  readonly because?: CodedMessage;
}

/** One wrong value: the key it concerns, and a text that names the value, the rule and the remedy. */
export interface ConfigIssue extends CodedMessage {
  readonly key: string;
}

/** One or more values are wrong. `details` holds every one of them, in the order of the table. */
export class ConfigInvalidError extends CodedError {
  constructor(readonly details: readonly ConfigIssue[]) {
    super('config_invalid', { count: details.length });
  }
}

/** The configuration file cannot be read, parsed, understood or written. */
export class ConfigFileError extends CodedError {}
