// `zemosaic gui`: the window, a page that this machine serves to itself.
import { fileURLToPath } from 'node:url';
import type { RunningWindow } from '../../gui/server/window-server.js';
import type { WindowOptions } from '../../gui/server/session.js';
import type { Command } from '../command.js';
import { configFileOption } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { watchSignals } from '../signals.js';
import { UsageError } from '../usage-error.js';

/** Tried first when no port is named, so that the address stays the same from day to day; any free one is taken where it is in use. */
const USUAL_PORT = 47611;
const PROGRAM = fileURLToPath(new URL('../../../bin/zemosaic.js', import.meta.url));

function portOption(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError('cli_gui_port', { value: String(given) }, 'gui');
  return port;
}

async function start(options: WindowOptions, port: number | undefined): Promise<RunningWindow> {
  // no other command loads it, and with it Node's HTTP
  const { PortError, startWindow } = await import('../../gui/server/window-server.js');
  if (port !== undefined) return startWindow(options, port);
  try {
    return await startWindow(options, USUAL_PORT);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return startWindow(options, 0);
  }
}

/** Shows the address in the system's browser; where there is none, the printed address is enough. */
function openBrowser(url: string, platform: NodeJS.Platform): void {
  const [command, ...argv] =
    platform === 'darwin'
      ? ['open', url]
      : platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  // loaded late: no run needs it
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(command, argv, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

export const guiCommand: Command = {
  name: 'gui',
  arguments: '',
  helpKey: 'cli_command_gui',
  rows: [],
  options: ({ t }) => ({
    port: { type: 'string', requiresArg: true, describe: t('cli_option_port') },
    open: { type: 'boolean', default: true, describe: t('cli_option_open') },
  }),

  async run(context) {
    const { host, messages, args } = context;
    const port = portOption(args.port);
    const services = await host.services();
    const window = await start(
      {
        version: host.version,
        surroundings: host.surroundings,
        language: messages.language,
        configFile: configFileOption(context),
        program: [process.execPath, PROGRAM],
        cleanDir: (dir, options) => services.cleanDir(dir, options),
      },
      port,
    );
    if (context.json) context.print(JSON.stringify({ type: 'window', url: window.url }));
    else {
      context.print(window.url);
      if (!context.quiet) context.note(messages.t('cli_gui_started'));
    }
    if (args.open !== false) openBrowser(window.url, host.surroundings.platform);
    await new Promise<void>((resolve) => {
      const stop = watchSignals(host, () => {
        stop.release();
        resolve();
      });
    });
    await window.close();
    return EXIT_CODES.ok;
  },
};
