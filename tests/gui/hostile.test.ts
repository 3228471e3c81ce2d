// What the window does with clients that are not its page, and with what goes wrong around it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnownRun, SessionInfo } from '../../src/gui/api.js';
import { journal } from '../cleanup/forged-run.js';
import { PROGRAM, startWindow, type WindowProcess } from './window-process.js';

let home: string;
let window: WindowProcess;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'zemosaic-hostile-'));
  window = await startWindow(home);
});
afterAll(async () => {
  await window.close();
  await rm(home, { recursive: true, force: true });
});

/** A request with headers and a target that `fetch` would not send. */
function raw(
  target: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port: window.port, path: target, method, headers, setHost: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

describe('who may speak', () => {
  const own = () => ({ Host: `127.0.0.1:${window.port}`, Authorization: `Bearer ${window.token}` });

  it('nobody without the token, nor with another, nor with the beginning of it', async () => {
    for (const Authorization of [
      '',
      'Bearer',
      'Bearer x',
      `Bearer ${window.token.slice(0, -1)}`,
      `Bearer ${window.token}x`,
    ])
      expect(await codeOf(await window.ask('session', undefined, { Authorization }))).toEqual([
        401,
        'gui_error_token',
      ]);
    expect((await window.ask('session')).status).toBe(200);
  });

  it('no name but its own: another Host may be one that was turned to this machine', async () => {
    for (const Host of [
      'evil.example',
      `evil.example:${window.port}`,
      '127.0.0.1',
      `127.0.0.1:${window.port + 1}`,
    ])
      expect((await raw('/api/session', { ...own(), Host })).status).toBe(421);
    expect((await raw('/', { Host: 'evil.example' })).status).toBe(421);
    expect((await raw('/api/session', own())).status).toBe(200);
  });

  it('no other site’s page', async () => {
    for (const origin of [
      'http://evil.example',
      'null',
      `https://127.0.0.1:${window.port}`,
      'http://127.0.0.1:1',
    ])
      expect((await window.ask('session', undefined, { Origin: origin })).status).toBe(403);
    expect((await raw('/api/session', { ...own(), 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await raw('/api/session', { ...own(), Origin: window.origin })).status).toBe(200);
  });

  it('listens on this machine’s own address alone', async () => {
    const { address, family } = await new Promise<net.AddressInfo>((resolve) => {
      const socket = net.connect(window.port, '127.0.0.1', () => {
        resolve({ address: socket.remoteAddress ?? '', family: socket.remoteFamily ?? '', port: 0 });
        socket.destroy();
      });
    });
    expect([address, family]).toEqual(['127.0.0.1', 'IPv4']);
    await expect(fetch(`http://[::1]:${window.port}/`)).rejects.toThrow();
  });

  it('the page comes with a policy that allows no foreign source, no inline script and no eval', async () => {
    const response = await fetch(window.origin);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    expect(await response.text()).not.toContain(window.token);
  });
});

describe('which files', () => {
  it('the page’s own and nothing beside them', async () => {
    const Host = `127.0.0.1:${window.port}`;
    for (const target of [
      '/../package.json',
      '/assets/../../../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/etc/passwd',
      '//etc/passwd',
    ])
      expect((await raw(target, { Host })).status).toBe(404);
  });

  it('only below chosen folders, and not through a link that leads out', async () => {
    const [inside, outside] = [path.join(home, 'inside'), path.join(home, 'outside')];
    await mkdir(inside);
    await mkdir(outside);
    await writeFile(path.join(outside, 'secret.fits'), 'x');
    await writeFile(path.join(inside, 'own.fits'), 'x');
    await symlink(path.join(outside, 'secret.fits'), path.join(inside, 'link.fits'));
    await symlink(outside, path.join(inside, 'folder'));
    const look = async (file: string) =>
      (await window.ask(`frames/look?path=${encodeURIComponent(file)}`)).status;
    expect(await look(path.join(inside, 'own.fits'))).toBe(403);
    await window.json('folders/choose', { path: inside });
    expect(await look(path.join(inside, 'own.fits'))).toBe(200);
    for (const file of [
      '/etc/passwd',
      path.join(outside, 'secret.fits'),
      `${inside}/../outside/secret.fits`,
      path.join(inside, 'link.fits'),
      path.join(inside, 'folder/secret.fits'),
      path.join(inside, 'none.fits'),
      inside,
    ])
      expect(await look(file), file).toBe(403);
    for (const at of [
      `results?dir=${outside}`,
      `results?dir=${inside}/folder`,
      `runs/events?dir=${outside}`,
      `image?path=${outside}/secret.fits`,
    ])
      expect((await window.ask(at)).status, at).toBe(403);
    expect((await window.ask('artifacts/clean', { dir: outside })).status).toBe(403);
    expect((await window.ask('config/save', { path: '/etc/zemosaic.json', values: {} })).status).toBe(403);
  });

  it('says so when a chosen folder has vanished', async () => {
    const dir = path.join(home, 'vanishing');
    await mkdir(dir);
    await window.json('folders/choose', { path: dir });
    await rm(dir, { recursive: true });
    expect(await codeOf(await window.ask(`results?dir=${dir}`))).toEqual([404, 'gui_error_no_folder']);
    expect(await codeOf(await window.ask('folders/choose', { path: dir }))).toEqual([
      404,
      'gui_error_no_folder',
    ]);
  });
});

describe('what is nobody’s business', () => {
  it('a stored key never reaches the page', async () => {
    const key = 'qwertzuiop';
    const dir = path.join(home, 'keys');
    await mkdir(dir);
    const file = path.join(dir, 'keys.json');
    await writeFile(file, JSON.stringify({ astrometry_api_key: key }));
    const other = await startWindow(home, ['--config', file]);
    try {
      for (const answer of [await other.ask('session'), await other.ask('config/load', { path: '' })]) {
        const text = await answer.text();
        expect(text).toContain('"astrometry_api_key":"***"');
        expect(text).not.toContain(key);
      }
    } finally {
      await other.close();
    }
  });

  it('the appearance is two keys and no way to write others', async () => {
    const ask = (key: string, value: string) => window.ask('config/appearance', { key, value });
    expect((await ask('qt_theme_mode', 'night')).status).toBe(200);
    expect((await ask('qt_theme_mode', 'purple')).status).toBe(422);
    expect((await ask('astap_executable_path', '/bin/sh')).status).toBe(400);
    const file = JSON.parse(await readFile(window.configFile, 'utf8')) as Record<string, unknown>;
    expect(file).toMatchObject({ qt_theme_mode: 'night' });
  });

  it('stopping a run signals no process: its number may be a stranger’s by now', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const root = path.join(home, 'tmp');
    const [reused, beating] = ['20260101T000000Z-00000001', '20260101T000000Z-00000002'];
    // Written where this window looks for runs; of the second, only the heartbeat says that it lives.
    await journal(root, { runId: reused, pid: stranger.pid, processStart: 'of another process' });
    await journal(root, { runId: beating, pid: stranger.pid, processStart: null });
    await rename(path.join(root, 'runtime'), path.join(root, 'zemosaic_runtime'));
    try {
      const runs = await window.json<KnownRun[]>('runs');
      expect(runs.map(({ runId }) => runId)).toEqual([beating]);
      expect(await codeOf(await window.ask('runs/stop', { runId: reused }))).toEqual([
        404,
        'gui_error_run_over',
      ]);
      await mkdir(path.join(root, 'runtime', 'runs'), { recursive: true });
      expect((await window.ask('runs/stop', { runId: beating })).status).toBe(200);
      expect(await readFile(path.join(root, 'runtime', 'runs', `${beating}.stop`), 'utf8')).toBe('stop');
      expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
    } finally {
      stranger.kill('SIGKILL');
      await rm(path.join(root, 'zemosaic_runtime'), { recursive: true });
    }
  });
});

describe('malformed and huge', () => {
  it.each([
    ['no JSON', '{', {}, 400],
    ['no object', '[]', {}, 400],
    ['another type', '{}', { 'Content-Type': 'text/plain' }, 415],
    ['a form of another site', 'values=1', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['values that are a text', '{"values":"x"}', {}, 400],
    ['values that are missing', '{}', {}, 400],
    ['more than eight million bytes', JSON.stringify({ values: { x: 'y'.repeat(9 * 2 ** 20) } }), {}, 413],
  ])('%s', async (_what, body, headers, status) => {
    const response = await window.ask('config/check', body, headers).catch((error: unknown) => error);
    // The connection of a body that is not read to its end may be cut before the answer is seen.
    if (response instanceof Response) expect(response.status).toBe(status);
    else expect(status).toBe(413);
  });

  it('prototypes and unknown keys are no settings', async () => {
    const { issues } = await window.json<{ issues: unknown[] }>(
      'config/check',
      '{"values":{"__proto__":{"backend":"x"},"constructor":1,"nonsense":2}}',
    );
    expect(issues).toEqual([]);
  });

  it.each([
    'GARBAGE\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
    '\0\0\0\0',
  ])('what is no HTTP is refused and hurts nobody (%#)', async (text) => {
    const socket = net.connect(window.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(text);
    await once(socket.resume(), 'close');
    expect((await window.ask('session')).status).toBe(200);
  });

  it('places of a picture that are no numbers, or far out', async () => {
    for (const query of ['x0=-1&y0=0&width=1&height=1&factor=1', 'x0=0&y0=0&width=1e9&height=1&factor=1'])
      expect((await window.ask(`runs/canvas?dir=${home}&${query}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('two clients at once leave one whole file', async () => {
    const values = (name: string) => ({ path: '', values: { output_name: name } });
    const saves = Array.from({ length: 12 }, (_, i) =>
      window.ask('config/save', values(i % 2 ? 'one' : 'two')),
    );
    expect((await Promise.all(saves)).map(({ status }) => status)).toEqual(saves.map(() => 200));
    const file = JSON.parse(await readFile(window.configFile, 'utf8')) as Record<string, unknown>;
    expect(file.cleanup_temp_artifacts).toBe(true);
    expect(['one', 'two']).toContain(file.output_name);
  });
});

describe('around it', () => {
  it('a port that is taken is named with the remedy', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [PROGRAM, 'gui', '--no-open', '--port', String(window.port)],
      { encoding: 'utf8', env: window.env },
    );
    expect(status).toBe(1);
    expect(stderr).toContain(`port ${window.port} (EADDRINUSE)`);
  });

  it('a configuration of a newer version is shown as a problem and not written over', async () => {
    const file = path.join(home, 'newer.json');
    const text = '{ "config_version": 99, "backend": "wasm" }';
    await writeFile(file, text);
    const other = await startWindow(home, ['--config', file]);
    try {
      const session = await other.json<SessionInfo>('session');
      expect(session.problem?.code).toBe('config_file_version');
      expect((await other.ask('config/save', { path: '', values: session.form.values })).status).toBe(422);
      expect(await readFile(file, 'utf8')).toBe(text);
    } finally {
      await other.close();
    }
  });

  it('started anew it knows its old pages no more, and says so', async () => {
    const first = await startWindow(home);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await startWindow(home);
    try {
      const answer = await second.ask('session', undefined, { Authorization: `Bearer ${first.token}` });
      expect(await codeOf(answer)).toEqual([401, 'gui_error_token']);
    } finally {
      await second.close();
    }
  });
});
