// `zemosaic solve FILE...`: where on the sky files lie, by their stars.
import path from 'node:path';
import type { Messages } from '../../report/messages.js';
import type { SolvedFile } from '../../report/summaries.js';
import type { Command } from '../command.js';
import { SOLVER_ROWS } from '../../config/rows/solver.js';
import { CONFIG_ROWS } from '../../config/table.js';
import { loadCommandConfig, showNotices } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { exitCodeOf, watchSignals } from '../signals.js';
import { UsageError } from '../usage-error.js';

/** The outcome for one file as a line of text. */
function solvedLine(outcome: SolvedFile, messages: Messages): string {
  const { t, number } = messages;
  if (!outcome.solved)
    return t('cli_solve_failed', { file: outcome.file, reason: messages.message(outcome.reason) });
  return t('cli_solve_found', {
    file: outcome.file,
    ra: number(outcome.center[0], 5),
    dec: number(outcome.center[1], 5),
    scale: number(outcome.scale_arcsec, 4),
    rotation: number((180 / Math.PI) * Math.atan2(outcome.cd[1], outcome.cd[3]), 2),
    mirrored: outcome.parity > 0 ? 'yes' : 'no',
    matched: outcome.matched,
    rms: number(outcome.rms_px, 2),
    ms: number(outcome.ms, 0),
    by: outcome.by ?? 'none',
  });
}

/** The outcome for one file as an object that has the same keys whichever way it ended, null where there is nothing to say. */
export function solvedJson(outcome: SolvedFile, messages: Messages): Record<string, unknown> {
  const found = outcome.solved ? outcome : undefined;
  return {
    file: outcome.file,
    solved: outcome.solved,
    center: found?.center ?? null,
    corners: found?.corners ?? null,
    cd: found?.cd ?? null,
    sip: found?.sip ?? null,
    scale_arcsec: found?.scale_arcsec ?? null,
    parity: found?.parity ?? null,
    matched: found?.matched ?? null,
    rms_px: found?.rms_px ?? null,
    ms: outcome.ms,
    reason: outcome.solved ? null : { ...outcome.reason, text: messages.message(outcome.reason) },
  };
}

export const solveCommand: Command = {
  name: 'solve',
  arguments: '<files..>',
  helpKey: 'cli_command_solve',
  rows: [...SOLVER_ROWS, ...CONFIG_ROWS.filter(({ key }) => key === 'runtime_temp_dir')],
  positionals: ({ t }) => ({ files: { type: 'string', describe: t('cli_argument_files') } }),
  options: ({ t }) => ({
    'wcs-out': { type: 'string', requiresArg: true, describe: t('cli_option_wcs_out') },
    picture: { type: 'string', requiresArg: true, describe: t('cli_option_picture') },
    overlay: { type: 'boolean', describe: t('cli_option_overlay') },
  }),

  async run(context) {
    const { args, messages } = context;
    const { config, notices } = await loadCommandConfig(context);
    showNotices(context, notices);
    const services = await context.host.services();
    const files = (args.files as readonly (string | number)[]).map(String);
    const wcsOut = typeof args['wcs-out'] === 'string' ? path.resolve(args['wcs-out']) : undefined;
    const overlay = args.overlay === true;
    const picture =
      typeof args.picture === 'string' ? { folder: path.resolve(args.picture), overlay } : undefined;
    if (overlay && !picture)
      throw new UsageError('cli_option_alone', { option: '--overlay', other: '--picture' });
    let failures = 0;
    const warn = (text: string): void => context.note(messages.t('report_warning', { text }));
    const show = (outcome: SolvedFile): void => {
      const { file, notDrawn } = outcome;
      if (!outcome.solved || notDrawn) failures++;
      if (context.json) context.print(JSON.stringify(solvedJson(outcome, messages)));
      else context.print(solvedLine(outcome, messages));
      if (notDrawn) warn(messages.t('cli_solve_not_drawn', { file, reason: messages.message(notDrawn) }));
    };
    const stop = watchSignals(context.host, () => undefined);
    try {
      const last = await services.solveFiles(files, { wcsOut, picture, config, signal: stop.signal }, show);
      if (last) warn(messages.message(last));
      return failures === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
    } catch (error) {
      if (stop.received === undefined) throw error;
      return exitCodeOf(stop.received);
    } finally {
      stop.release();
    }
  },
};
