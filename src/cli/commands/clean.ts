// `zemosaic clean DIR`: removes what dead and finished runs left.
import type { Messages } from '../../report/messages.js';
import type { CleanSummary } from '../../report/summaries.js';
import type { Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';

/** A clean-up as lines of text. */
function cleanLines(summary: CleanSummary, messages: Messages): string[] {
  const { t, bytes } = messages;
  const dry = summary.dryRun ? 'yes' : 'no';
  const notRemoved = (outcome: 'refused' | 'failed') =>
    summary[outcome].map(({ path, reason }) =>
      t('report_artifact_not_removed', { outcome, path, reason: messages.message(reason) }),
    );
  const total = summary.removed.reduce((sum, artifact) => sum + artifact.bytes, 0);
  return [
    ...summary.removed.map((artifact) =>
      t('cli_clean_removed', {
        dry,
        path: artifact.path,
        size: bytes(artifact.bytes),
        meaning: messages.message(artifact.meaning),
      }),
    ),
    ...summary.kept.map(({ path, bytes: size, reason }) =>
      t('cli_clean_kept', { path, size: bytes(size), reason: messages.message(reason) }),
    ),
    ...notRemoved('refused'),
    ...notRemoved('failed'),
    t('cli_clean_total', { dry, count: summary.removed.length, size: bytes(total) }),
  ];
}

export const cleanCommand: Command = {
  name: 'clean',
  arguments: '<dir>',
  helpKey: 'cli_command_clean',
  rows: [],
  positionals: ({ t }) => ({ dir: { type: 'string', describe: t('cli_argument_dir') } }),
  options: ({ t }) => ({
    'dry-run': { type: 'boolean', describe: t('cli_option_dry_run_clean') },
    resumable: { type: 'boolean', describe: t('cli_option_resumable_clean') },
  }),

  async run(context) {
    const services = await context.host.services();
    const dryRun = context.args['dry-run'] === true;
    const resumable = context.args.resumable === true;
    const summary = await services.cleanDir(String(context.args.dir), { dryRun, resumable });
    if (context.json) context.print(JSON.stringify(summary));
    else cleanLines(summary, context.messages).forEach(context.print);
    return summary.failed.length > 0 ? EXIT_CODES.cleanup : EXIT_CODES.ok;
  },
};
