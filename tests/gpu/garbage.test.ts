// What Dawn leaves behind when a device is closed must not end the process when it is collected.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWithAdapter } from './software-adapter.js';

describeWithAdapter('a closed device', () => {
  it('does not end the process when it is garbage', async () => {
    const script = fileURLToPath(new URL('garbage.mjs', import.meta.url));
    const child = spawn(process.execPath, ['--expose-gc', script], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
