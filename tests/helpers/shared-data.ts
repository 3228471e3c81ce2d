// Real data that stands beside a development checkout and is not part of the repository: tests that need it are skipped,
// with the reason in their name, where it is absent.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

const candidate = path.resolve(import.meta.dirname, '../../../shared');

/** The shared folder, undefined where there is none. */
export const sharedDir: string | undefined = existsSync(candidate) ? candidate : undefined;

/** `describe` that is skipped, and says why, where the shared data is absent. */
export function describeWithShared(name: string, fn: () => void): void {
  describe.skipIf(sharedDir === undefined)(
    sharedDir === undefined ? `${name} (skipped: no ../shared data beside this checkout)` : name,
    fn,
  );
}
