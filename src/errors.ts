// The one shape of an error that a person may see: a code, which is the key of its text in locales/, and the
// values that the text names. A leaf: every room may import it, it imports nothing.

/** Values that a message may name. */
export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

/**
 * An error with a translatable text. `code` is a key of `locales/*.json`; `params` fill its placeholders.
 * `message` is for developers only (code and values); what a user reads is rendered by `src/report`.
 */
export class CodedError extends Error {
  constructor(
    readonly code: string,
    readonly params: ErrorParams = {},
    options?: ErrorOptions,
  ) {
    super(`${code} ${JSON.stringify(params)}`, options);
    this.name = new.target.name;
  }
}

/** True for the system's "no space left" and "quota used up". */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** The full disk that an error comes of: itself, or one of its causes. */
export function fullDiskBehind(error: unknown): Error | undefined {
  for (let at = error; at instanceof Error; at = at.cause as unknown) if (isDiskFull(at)) return at;
  return undefined;
}
