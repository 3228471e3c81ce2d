// Reads the layers from the world and resolves them: the one way to a RunConfig.
import { readConfigFile, type ConfigFileContent } from './file.js';
import { userConfigFile, type HostSurroundings } from './location.js';
import { resolveConfig, type ConfigLayers, type ResolvedConfig } from './resolve.js';

/** A resolved configuration and the file that had a part in it. */
export interface LoadedConfig extends ResolvedConfig {
  /** The file that was read, or would be if it existed. */
  readonly path: string;
  /** What that file says, undefined when there is none. */
  readonly file: ConfigFileContent | undefined;
}

/**
 * Loads the configuration: `configFile` (which must exist) or the user's own file (which need not), then the
 * environment, then the command line.
 * @throws ConfigFileError, ConfigInvalidError
 */
export async function loadConfig(
  surroundings: HostSurroundings,
  configFile: string | undefined,
  argv: ConfigLayers['argv'],
): Promise<LoadedConfig> {
  const path = configFile ?? userConfigFile(surroundings);
  const file = await readConfigFile(path, configFile !== undefined);
  const resolved = resolveConfig({
    ...(file && { file }),
    env: surroundings.env,
    ...(argv && { argv }),
  });
  return { ...resolved, path, file };
}
