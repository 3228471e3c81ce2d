// `zemosaic demo [DIR]`: a small session with a known truth, to try the program on.
import type { Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';

/** Folder of the session when none is named, in the working directory. */
const DEFAULT_DIR = 'demo-session';

export const demoCommand: Command = {
  name: 'demo',
  arguments: '[dir]',
  helpKey: 'cli_command_demo',
  rows: [],
  positionals: ({ t }) => ({
    dir: { type: 'string', default: DEFAULT_DIR, describe: t('cli_argument_demo_dir') },
  }),

  async run(context) {
    const services = await context.host.services();
    const session = await services.makeDemo(String(context.args.dir));
    if (context.json) context.print(JSON.stringify({ type: 'demo', ...session }));
    else context.print(context.messages.t('cli_demo_made', { dir: session.dir, count: session.files }));
    return EXIT_CODES.ok;
  },
};
