// astrometry.net's program on this machine. It is given a star list, and what it has found is the .wcs file that it writes.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExternalSolver } from './external-solver.js';
import { readWcsFile } from './read-wcs-file.js';
import { runFirst } from './run-first.js';
import { starTable } from './star-table.js';

const NAME = 'solve-field';
/** Search radius around a pointing, degrees, and how far the scale may be off. */
const RADIUS_DEG = 10;
const SCALE_TOLERANCE = 0.1;

export interface SolveFieldOptions {
  readonly programs: readonly string[];
  readonly timeoutMs: number;
}

export function solveFieldSolver({ programs, timeoutMs }: SolveFieldOptions): ExternalSolver {
  return {
    name: NAME,
    isLocal: true,
    async propose(image, { pointing, scaleArcsec }, folder, signal) {
      const table = path.join(folder, 'stars.xyls');
      await writeFile(table, starTable(image));
      const temporary = path.join(folder, 'temporary');
      await mkdir(temporary);
      const none = ['--new-fits', '--match', '--rdls', '--corr', '--index-xyls'].flatMap((o) => [o, 'none']);
      const args = [
        ...['--no-plots', '--overwrite', '--dir', folder, '--temp-dir', temporary, ...none],
        ...['--width', String(image.width), '--height', String(image.height)],
        ...['--x-column', 'X', '--y-column', 'Y', '--sort-column', 'FLUX'],
        // the final fit is ours
        ...['--tweak-order', '2', '--cpulimit', String(Math.ceil(timeoutMs / 1000))],
        ...(pointing
          ? ['--ra', String(pointing.raDeg), '--dec', String(pointing.decDeg), '--radius', String(RADIUS_DEG)]
          : []),
        ...(scaleArcsec === undefined
          ? []
          : [
              ...[
                '--scale-units',
                'arcsecperpix',
                '--scale-low',
                String(scaleArcsec * (1 - SCALE_TOLERANCE)),
              ],
              ...['--scale-high', String(scaleArcsec * (1 + SCALE_TOLERANCE))],
            ]),
        table,
      ];
      const limits = { limitMs: timeoutMs, timeoutMs, signal };
      const failure = await runFirst({ solver: NAME, programs, args, folder, ...limits });
      return failure ? { failure } : readWcsFile(path.join(folder, 'stars.wcs'), NAME);
    },
  };
}
