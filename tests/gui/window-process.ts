// The window as its users start it: the built program, in a process of its own, with its configuration and its temporary folder under the test's.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../bin/zemosaic.js', import.meta.url));
const PAGE = fileURLToPath(new URL('../../dist/gui/page/index.html', import.meta.url));

export interface WindowProcess {
  readonly child: ChildProcess;
  /** Address with the token behind its #. */
  readonly url: string;
  readonly origin: string;
  readonly port: number;
  readonly token: string;
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** Asks the window; the answer is not judged. */
  ask(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The same, and its JSON. */
  json<T>(path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

/** Environment of a person whose settings, temporary folder and runs are all below `home`. */
export function environmentIn(home: string): NodeJS.ProcessEnv {
  const [config, temporary] = [path.join(home, 'config'), path.join(home, 'tmp')];
  mkdirSync(config, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  return {
    ...process.env,
    XDG_CONFIG_HOME: config,
    TMPDIR: temporary,
    HOME: home,
    LANG: 'en_GB.UTF-8',
    LC_ALL: '',
  };
}

/** Starts `zemosaic gui`; `words` are further arguments. */
export async function startWindow(home: string, words: readonly string[] = []): Promise<WindowProcess> {
  if (!existsSync(PAGE)) throw new Error('dist/gui/page is missing: run "npm run build" first');
  const env = environmentIn(home);
  const any = words.includes('--port') ? [] : ['--port', '0'];
  const argv = [PROGRAM, 'gui', '--no-open', '--json', ...any, ...words];
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve((JSON.parse(text.split('\n')[0]) as { url: string }).url);
    });
    child.once('exit', (code) => reject(new Error(`the window ended with ${code}`)));
  });
  const { origin, port, hash } = new URL(url);
  const token = hash.slice(1);
  const ask: WindowProcess['ask'] = (at, body, headers = {}) =>
    fetch(`${origin}/api/${at}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    child,
    url,
    origin,
    port: Number(port),
    token,
    configFile: path.join(home, 'config', 'zemosaic', 'zemosaic_config.json'),
    env,
    ask,
    async json<T>(at: string, body?: unknown) {
      return (await (await ask(at, body)).json()) as T;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
