// The web service of astrometry.net, played by a server on this machine: what it is sent, and what becomes of all its answers.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { astrometryWebSolver } from '../../src/astrometry/external/astrometry-web.js';
import { judgeProposal } from '../../src/astrometry/external/judge-proposal.js';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { angularSeparationDeg } from '../../src/astrometry/wcs/sphere.js';
import { externalSolver } from '../../src/pipeline/solving/external-solver.js';
import { configOf } from '../end-to-end/support.js';
import { knownFrame, wcsFile, type KnownFrame } from './fake-solver.js';
import { fakeService, type FakeService } from './fake-web-service.js';

let catalogue: StarCatalogue;
let frame: KnownFrame;
let service: FakeService | undefined;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
  frame = knownFrame(catalogue, [315.4, 68.2]);
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});

const OPEN = { login: { status: 'success', session: 'abc' }, upload: { status: 'success', subid: 5 } };

/** Answers that come in turn, the last one for ever. */
function inTurn(...values: unknown[]): () => unknown {
  return () => (values.length > 1 ? values.shift() : values[0]);
}

async function ask(answers: Record<string, unknown>, wcs?: Uint8Array, options: { timeoutMs?: number } = {}) {
  service = await fakeService(answers, wcs);
  const solver = astrometryWebSolver({
    url: service.url,
    apiKey: 'my key',
    downsample: 2,
    timeoutMs: options.timeoutMs ?? 20_000,
    pollMs: 10,
  });
  return solver.propose(frame.image, frame.hint, '', undefined);
}

describe('astrometryWebSolver', () => {
  it('logs in, sends a drawing of the stars, waits for the job and takes its WCS', async () => {
    const answers = {
      ...OPEN,
      'submissions/5': inTurn({ jobs: [] }, { jobs: [null] }, { jobs: [76, 77] }),
      'jobs/76': { status: 'failure' },
      'jobs/77': inTurn({ status: 'solving' }, { status: 'success' }),
    };
    const proposal = await ask(answers, wcsFile(frame.wcs));
    if (!('wcs' in proposal)) throw new Error(proposal.failure.code);
    const solution = judgeProposal(catalogue, frame.image, frame.hint, proposal.wcs);
    if (!('wcs' in solution)) throw new Error(String(solution.agree));
    const truth = frame.wcs.pixelToSky(540.5, 960.5)!;
    expect(3600 * angularSeparationDeg(...solution.centre, ...truth)).toBeLessThan(0.5);
    const [login, upload] = service!.asked;
    expect(login).toMatchObject({ path: 'login', request: { apikey: 'my key' } });
    expect(upload).toMatchObject({
      path: 'upload',
      request: {
        session: 'abc',
        publicly_visible: 'n',
        center_ra: 315.4,
        center_dec: 68.2,
        scale_units: 'arcsecperpix',
        scale_est: 2.374,
        downsample_factor: 2,
      },
    });
    expect(JSON.stringify(upload.request)).not.toContain('my key');
    // 16 bits a pixel
    expect(upload.bytes).toBeGreaterThan(2 * 1080 * 1920);
  });

  it.each([
    ['a wrong key', { login: { status: 'error', errormessage: 'bad apikey' } }, 'refused', 'bad apikey'],
    [
      'a server that repeats the key',
      { login: { status: 'error', errormessage: '"my key" is bad' } },
      'refused',
      '"***" is bad',
    ],
    ['no such address', {}, 'refused', 'HTTP 404'],
    ['an answer that is no JSON', { login: '<html>' }, 'rubbish', 'none'],
    ['JSON that says nothing', { login: '7' }, 'rubbish', 'none'],
    ['no end of an answer', { login: 'x'.repeat(2_000_000) }, 'rubbish', 'none'],
    [
      'an upload without a number',
      { ...OPEN, upload: { status: 'success', subid: '../x' } },
      'rubbish',
      'none',
    ],
    [
      'jobs that fail',
      { ...OPEN, 'submissions/5': { jobs: [9] }, 'jobs/9': { status: 'failure' } },
      'unsolved',
      'none',
    ],
    [
      'a job that succeeds with a file that is no header',
      { ...OPEN, 'submissions/5': { jobs: [77] }, 'jobs/77': { status: 'success' } },
      'rubbish',
      undefined,
    ],
  ])('%s', async (_, answers, kind, detail) => {
    const proposal = await ask(answers as Record<string, unknown>);
    expect(proposal).toMatchObject({
      failure: { code: `solve_reject_external_${kind}`, params: { solver: service!.url } },
    });
    if (detail !== undefined) expect(proposal).toMatchObject({ failure: { params: { detail } } });
    expect(JSON.stringify(proposal)).not.toContain('my key');
  });

  it.each([
    ['a server that never answers', { login: undefined }],
    ['a job that never ends', { ...OPEN, 'submissions/5': { jobs: [9] }, 'jobs/9': { status: 'solving' } }],
  ])('%s is waited for as long as was said', async (_, answers) => {
    expect(await ask(answers, undefined, { timeoutMs: 400 })).toMatchObject({
      failure: { code: 'solve_reject_external_timeout', params: { seconds: 0.4 } },
    });
  });

  it('a server that is not there', async () => {
    const gone = await fakeService({});
    await gone.close();
    const solver = externalSolver(configOf({ solver_method: 'ansvr', astrometry_local_path: gone.url }))!;
    expect(await solver.propose(frame.image, frame.hint, '', undefined)).toMatchObject({
      failure: {
        code: 'solve_reject_external_refused',
        params: { detail: expect.stringContaining('ECONNREFUSED') as string },
      },
    });
  });

  it('a user in the address signs in to the server, and is named nowhere', async () => {
    service = await fakeService({ login: { status: 'error', errormessage: 'no' } });
    const at = service.url.replace('http://', 'http://me:p%40ss@');
    const solver = externalSolver(configOf({ solver_method: 'ansvr', astrometry_local_path: at }))!;
    expect(await solver.propose(frame.image, frame.hint, '', undefined)).toEqual({
      failure: { code: 'solve_reject_external_refused', params: { solver: service.url, detail: 'no' } },
    });
    expect(service.asked[0].authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it('the settings choose the server', () => {
    const named = (settings: Parameters<typeof configOf>[0]) => externalSolver(configOf(settings))!.name;
    expect(named({ solver_method: 'ansvr' })).toBe('http://127.0.0.1:8080/api/');
    expect(named({ solver_method: 'ansvr', astrometry_local_path: 'http://h:1/api' })).toBe(
      'http://h:1/api/',
    );
    expect(named({ solver_method: 'astrometry', astrometry_api_key: 'k' })).toBe(
      'https://nova.astrometry.net/api/',
    );
    expect(named({ solver_method: 'astrometry' })).toBe('solve-field');
  });
});
