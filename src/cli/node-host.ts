// The host that a real process is.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { setRunFlags } from '../v8-flags.js';
import type { Host } from './host.js';

/** The host of this process, which has the flags of a run from now on. */
export function nodeHost(): Host {
  setRunFlags();
  // src/cli and dist/cli are both two folders below the package's root.
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return {
    surroundings: { platform: process.platform, env: process.env, homeDir: homedir() },
    stdout: process.stdout,
    stderr: process.stderr,
    version: manifest.version,
    services: async () => (await import('./compose.js')).services,
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    exitNow: (code) => process.exit(code),
  };
}
