// Where the user's configuration file lives: the place that the system provides, never the program's own folder.
import { join, posix, win32 } from 'node:path';

/** What decides about the place: platform, environment and home directory. */
export interface HostSurroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}

/** Name of the file, the same as the reference program's. */
const CONFIG_FILE_NAME = 'zemosaic_config.json';

/**
 * Path of the user's configuration file: `$XDG_CONFIG_HOME/zemosaic` or `~/.config/zemosaic`; on macOS
 * `~/Library/Application Support/zemosaic`; on Windows `%APPDATA%\zemosaic`. A relative XDG_CONFIG_HOME is
 * ignored, as the XDG Base Directory Specification demands.
 */
export function userConfigFile({ platform, env, homeDir }: HostSurroundings): string {
  if (platform === 'win32')
    return win32.join(env.APPDATA || win32.join(homeDir, 'AppData', 'Roaming'), 'zemosaic', CONFIG_FILE_NAME);
  const xdg = env.XDG_CONFIG_HOME;
  if (xdg && posix.isAbsolute(xdg)) return join(xdg, 'zemosaic', CONFIG_FILE_NAME);
  const base = platform === 'darwin' ? ['Library', 'Application Support'] : ['.config'];
  return join(homeDir, ...base, 'zemosaic', CONFIG_FILE_NAME);
}
