// Routes after a run: its report, its mosaic, and what it kept; removed by the same code as `zemosaic clean`.
import { readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { RUN_REPORT_VERSION, type RunReport } from '../../../report/run-report.js';
import type { Results } from '../../api.js';
import { textOf } from '../exchange.js';
import type { WindowSession } from '../session.js';
import type { Routes } from '../routes.js';

export const artifactRoutes: Routes = {
  async 'GET /api/results'(exchange, session) {
    const dir = await session.chosen.folder(exchange.query('dir'));
    exchange.json(await resultsIn(dir, session));
  },

  async 'POST /api/artifacts/clean'(exchange, session) {
    const dir = await session.chosen.folder(textOf(await exchange.body(), 'dir'));
    exchange.json(await session.options.cleanDir(dir, { dryRun: false, resumable: true }));
  },
};

async function resultsIn(dir: string, session: WindowSession): Promise<Results> {
  const report = await reportIn(dir, session);
  const named = report?.outputs.find(({ kind }) => kind === 'science')?.path;
  const sciencePath = named && (await session.chosen.file(named).catch(() => undefined));
  const { removed } = await session.options.cleanDir(dir, { dryRun: true, resumable: true });
  const { bavail, bsize } = await statfs(dir);
  return {
    dir,
    ...(report && { report }),
    ...(sciencePath && { sciencePath }),
    artifacts: removed,
    disk: { freeBytes: bavail * bsize },
  };
}

/** The report of the folder's latest run, if there is one that this program can read. */
async function reportIn(dir: string, session: WindowSession): Promise<RunReport | undefined> {
  const file = await session.chosen.file(path.join(dir, 'run-report.json')).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as RunReport;
    return report.report_version === RUN_REPORT_VERSION ? report : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
