// The command `solve`.
import { describe, expect, it } from 'vitest';
import type { CodedMessage } from '../../src/config/errors.js';
import type { SolvedFile } from '../../src/report/summaries.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { runMain } from './fake-host.js';

const folder = temporaryFolder();

describe('solve', () => {
  const solved: SolvedFile = {
    file: 'a.fits',
    solved: true,
    center: [315.44, 68.12],
    corners: [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ],
    cd: [1e-3, 0, 0, 1e-3],
    sip: null,
    scale_arcsec: 2.375,
    parity: 1,
    matched: 45,
    rms_px: 0.13,
    ms: 71,
  };
  const unsolved: SolvedFile = {
    file: 'b.fits',
    solved: false,
    ms: 5,
    reason: { code: 'solve_reject_few_stars', params: { count: 4, min: 6 } },
  };
  const solving = (outcomes: readonly SolvedFile[], seen: unknown[] = [], last?: CodedMessage) => ({
    services: {
      solveFiles: (files: readonly string[], options: object, report: (o: SolvedFile) => void) => {
        seen.push(files, options);
        outcomes.forEach(report);
        return Promise.resolve(last);
      },
    },
  });

  it('hands over the files and the folder for headers, and prints a line for each file', async () => {
    const seen: unknown[] = [];
    const { code, out } = await runMain(
      ['solve', 'a.fits', '2024.fits', '--wcs-out', folder()],
      solving([solved], seen),
    );
    expect(code).toBe(0);
    expect(seen[0]).toEqual(['a.fits', '2024.fits']);
    expect(seen[1]).toMatchObject({ wcsOut: folder() });
    expect(out).toMatch(/^a\.fits: RA 315\.44.*45 stars/);
    const foreign = await runMain(['solve', 'a.fits'], solving([{ ...solved, by: 'ASTAP' }]));
    expect(foreign.out).toMatch(/71 ms \(ASTAP\)$/m);
    expect(out).toMatch(/71 ms$/m);
  });

  it('a file that is not solved is told with its reason and makes the exit code 1', async () => {
    const { code, out } = await runMain(['solve', 'a.fits', 'b.fits'], solving([solved, unsolved]));
    expect(code).toBe(1);
    expect(out).toContain('b.fits: not solved: only 4 stars were found');
  });

  it('prints JSON, one object a file', async () => {
    const { out } = await runMain(['solve', 'a.fits', 'b.fits', '--json'], solving([solved, unsolved]));
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(2);
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toEqual({ ...solved, reason: null });
    expect(Object.keys(first)).toEqual(
      'file solved center corners cd sip scale_arcsec parity matched rms_px ms reason'.split(' '),
    );
    expect(Object.keys(second)).toEqual(Object.keys(first));
    const text = expect.stringContaining('4 stars') as string;
    expect(second).toMatchObject({ file: 'b.fits', solved: false, center: null, cd: null, ms: 5 });
    expect(second.reason).toMatchObject({ code: 'solve_reject_few_stars', params: { count: 4 }, text });
  });

  it('hands over where pictures go and what they show', async () => {
    const seen: unknown[] = [];
    await runMain(['solve', 'a.fits', '--picture', folder(), '--overlay'], solving([solved], seen));
    expect(seen[1]).toMatchObject({ picture: { folder: folder(), overlay: true } });
  });

  it('warns of pictures that were not drawn, and of a solver that was given up, beside the lines', async () => {
    const notDrawn = { code: 'fits_cannot_open', params: { file: 'a.fits', reason: 'ENOENT' } };
    const params = { solver: 'ASTAP', count: 2, minutes: 20 };
    const last = { code: 'pipeline_external_solver_given_up', params };
    for (const json of [[], ['--json']]) {
      const { code, out, err } = await runMain(
        ['solve', 'a.fits', 'b.fits', '--picture', folder(), ...json],
        solving([{ ...solved, notDrawn }, solved], [], last),
      );
      expect(code).toBe(1);
      expect(out.trim().split('\n')).toHaveLength(2);
      expect(out).not.toContain('notDrawn');
      expect(err).toMatch(/Warning: a\.fits: no picture was drawn/);
      expect(err).toMatch(/Warning: ASTAP has found nothing.*2 frames/);
    }
  });

  it('wants a file, and a folder for what it is to draw', async () => {
    expect((await runMain(['solve'])).code).toBe(2);
    expect((await runMain(['solve', 'a.fits', '--wcs-out'])).code).toBe(2);
    const { code, err } = await runMain(['solve', 'a.fits', '--overlay']);
    expect(code).toBe(2);
    expect(err).toContain('--overlay has an effect only together with --picture');
  });
});
