// The web service of astrometry.net, or a server of one's own that speaks like it (ansvr): it is sent a drawing of the stars, never the frame.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SolveHint, SolveImage } from '../solver/solve-types.js';
import type { ExternalFailure, ExternalSolver, Proposal } from './external-solver.js';
import { readWcsBytes } from './read-wcs-file.js';
import { starFieldImage } from './star-field-image.js';

/** How far a known scale may be off, and the radius around a pointing (degrees). */
const SCALE_TOLERANCE_PERCENT = 10;
const RADIUS_DEG = 10;
/** Largest answer that is read. */
const MAX_ANSWER_BYTES = 1 << 20;
/** Characters of a server's own words that a message repeats. */
const MAX_DETAIL = 200;

export interface AstrometryWebOptions {
  /** Address of the API with its slash at the end and without a user: `https://nova.astrometry.net/api/`. @see webAddress */
  readonly url: string;
  /** Header that signs in to the server itself, where it wants that; no part of the API. */
  readonly authorization?: string | undefined;
  readonly apiKey: string;
  /** Binning before the server's star detection; 0 and 1: none. */
  readonly downsample: number;
  readonly timeoutMs: number;
  /** Between two looks at how far the server is; 2 s unless told. */
  readonly pollMs?: number;
}

/** The server does not do what it is asked: an expected end of a call, no fault of this program. */
class Refusal extends Error {
  constructor(readonly failure: ExternalFailure) {
    super(failure.code);
  }
}

export function astrometryWebSolver(options: AstrometryWebOptions): ExternalSolver {
  const name = options.url;
  return {
    name,
    isLocal: false,
    async propose(image, hint, _folder, signal) {
      const clock = AbortSignal.timeout(options.timeoutMs);
      const stop = signal ? AbortSignal.any([signal, clock]) : clock;
      try {
        return await new Conversation(options, stop).ask(image, hint);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Refusal) return { failure: error.failure };
        if (!clock.aborted) throw error;
        const params = { solver: name, seconds: options.timeoutMs / 1000 };
        return { failure: { code: 'solve_reject_external_timeout', params } };
      }
    },
  };
}

type Answer = Readonly<Record<string, unknown>>;

class Conversation {
  constructor(
    private readonly options: AstrometryWebOptions,
    private readonly signal: AbortSignal,
  ) {}

  async ask(image: SolveImage, hint: SolveHint): Promise<Proposal> {
    const login = await this.#post('login', form({ apikey: this.options.apiKey }));
    const settings = { session: textOf(login.session), ...this.#settings(hint) };
    const upload = form(settings);
    upload.append('file', new Blob([starFieldImage(image)]), 'stars.fits');
    const submission = idOf((await this.#post('upload', upload)).subid);
    if (submission === undefined) throw this.#refusal('rubbish');
    const job = await this.#finishedJob(submission);
    if (job === undefined) throw this.#refusal('unsolved');
    const bytes = await this.#read(new URL(`../wcs_file/${job}`, this.options.url));
    return readWcsBytes(bytes, this.options.url);
  }

  #settings({ pointing, scaleArcsec }: SolveHint): Answer {
    const { downsample } = this.options;
    return {
      publicly_visible: 'n',
      allow_modifications: 'n',
      allow_commercial_use: 'n',
      ...(downsample > 1 && { downsample_factor: downsample }),
      ...(pointing && { center_ra: pointing.raDeg, center_dec: pointing.decDeg, radius: RADIUS_DEG }),
      ...(scaleArcsec !== undefined && {
        scale_units: 'arcsecperpix',
        scale_type: 'ev',
        scale_est: scaleArcsec,
        scale_err: SCALE_TOLERANCE_PERCENT,
      }),
    };
  }

  /** The job that has found a place; undefined when all have ended without. */
  async #finishedJob(submission: number): Promise<number | undefined> {
    for (;;) {
      const { jobs } = await this.#get(`submissions/${submission}`);
      const ids = (Array.isArray(jobs) ? jobs : []).flatMap((job) => idOf(job) ?? []);
      let failed = 0;
      for (const id of ids) {
        const { status } = await this.#get(`jobs/${id}`);
        if (status === 'success') return id;
        if (status === 'failure') failed++;
      }
      if (ids.length > 0 && failed === ids.length) return undefined;
      await sleep(this.options.pollMs ?? 2000, undefined, { signal: this.signal });
    }
  }

  #get(path: string): Promise<Answer> {
    return this.#answer(new URL(path, this.options.url));
  }

  async #post(path: string, body: FormData): Promise<Answer> {
    const answer = await this.#answer(new URL(path, this.options.url), body);
    if (answer.status === 'success') return answer;
    throw this.#refusal('refused', textOf(answer.errormessage) || textOf(answer.status));
  }

  async #answer(url: URL, body?: FormData): Promise<Answer> {
    const bytes = await this.#read(url, body);
    try {
      const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
      if (typeof value === 'object' && value !== null) return value as Answer;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw this.#refusal('rubbish');
  }

  async #read(url: URL, body?: FormData): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    try {
      const { authorization } = this.options;
      const response = await fetch(url, {
        signal: this.signal,
        ...(authorization !== undefined && { headers: { authorization } }),
        ...(body && { method: 'POST', body }),
      });
      if (!response.ok) throw this.#refusal('refused', `HTTP ${response.status}`);
      let size = 0;
      for await (const part of response.body ?? []) {
        parts.push(part as Uint8Array);
        size += (part as Uint8Array).length;
        if (size > MAX_ANSWER_BYTES) throw this.#refusal('rubbish');
      }
    } catch (error) {
      // what fetch says of a server that is not there
      if (!(error instanceof TypeError)) throw error;
      const { cause } = error;
      throw this.#refusal('refused', cause instanceof Error ? cause.message : error.message);
    }
    return Buffer.concat(parts);
  }

  #refusal(kind: 'refused' | 'unsolved' | 'rubbish', detail = 'none'): Refusal {
    const { url, apiKey } = this.options;
    // some servers repeat what they do not like
    const words = apiKey === '' ? detail : detail.replaceAll(apiKey, '***');
    const params = { solver: url, detail: words.slice(0, MAX_DETAIL) };
    return new Refusal({ code: `solve_reject_external_${kind}`, params });
  }
}

/** What the service reads: one field that holds JSON. */
function form(request: Answer): FormData {
  const data = new FormData();
  data.append('request-json', JSON.stringify(request));
  return data;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const idOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
