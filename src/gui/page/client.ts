// Speaks to the server: the token from the address, JSON both ways, refusals as coded errors, streams of JSON lines.
import type { ErrorParams } from '../../errors.js';
import { CodedError } from '../../errors.js';
import type { CodedMessage } from '../../config/errors.js';

const STORED_TOKEN = 'zemosaic-token';

/** The token stands behind the # of the address that the program printed; it is taken out of sight and kept for this tab alone. */
function takeToken(): string {
  const given = location.hash.slice(1);
  if (given.length >= 40) {
    sessionStorage.setItem(STORED_TOKEN, given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(STORED_TOKEN) ?? '';
}

const token = takeToken();

/** An answer that refuses; `details` are the wrong values of a configuration. */
export class RefusedError extends CodedError {
  constructor(
    readonly status: number,
    code: string,
    params: ErrorParams,
    readonly details: readonly (CodedMessage & { key?: string })[],
  ) {
    super(code, params);
  }
}

interface CallOptions {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal;
}

async function call(path: string, { body, query, signal }: CallOptions): Promise<Response> {
  const words = new URLSearchParams(Object.entries(query ?? {}).map(([key, value]) => [key, String(value)]));
  let response: Response;
  try {
    response = await fetch(`/api/${path}${query ? `?${words.toString()}` : ''}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RefusedError(0, 'gui_error_gone', {}, []);
  }
  if (response.ok) return response;
  const { error } = (await response.json()) as {
    error: CodedMessage & { details?: readonly (CodedMessage & { key?: string })[] };
  };
  throw new RefusedError(response.status, error.code, error.params, error.details ?? []);
}

/** Asks for JSON. @throws RefusedError */
export async function ask<T>(path: string, options: CallOptions = {}): Promise<T> {
  return (await (await call(path, options)).json()) as T;
}

/** Asks for plain numbers with their size. @throws RefusedError */
export async function askNumbers(
  path: string,
  options: CallOptions,
): Promise<{ readonly width: number; readonly height: number; readonly data: Float32Array }> {
  const response = await call(path, options);
  return {
    width: Number(response.headers.get('X-Width')),
    height: Number(response.headers.get('X-Height')),
    data: new Float32Array(await response.arrayBuffer()),
  };
}

/** Calls `each` with every line of a stream of JSON until it ends. @throws RefusedError, and when the stream breaks. */
export async function listen<T>(path: string, options: CallOptions, each: (line: T) => void): Promise<void> {
  const { body } = await call(path, options);
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') each(JSON.parse(line) as T);
  }
}
