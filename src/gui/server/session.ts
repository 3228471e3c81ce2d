// What the window remembers while it is open: which file it configures, what the user chose, what it started.
import type { HostSurroundings } from '../../config/location.js';
import { userConfigFile } from '../../config/location.js';
import type { CleanSummary } from '../../report/summaries.js';
import { ChosenFolders } from './chosen-folders.js';
import { FrameLooker } from './frame-looker.js';
import { ImageStore } from './image-store.js';

export interface WindowOptions {
  readonly version: string;
  readonly surroundings: HostSurroundings;
  /** Language of the texts until the page chooses another. */
  readonly language: string;
  /** Configuration file of the window; the user's own when absent. */
  readonly configFile?: string;
  /** The program as a command, for runs and plans: `node bin/zemosaic.js`. */
  readonly program: readonly string[];
  /** The same clean-up as `zemosaic clean`. */
  cleanDir(
    dir: string,
    options: { readonly dryRun: boolean; readonly resumable: boolean },
  ): Promise<CleanSummary>;
}

export interface WindowSession {
  readonly options: WindowOptions;
  configFile: string;
  readonly chosen: ChosenFolders;
  readonly images: ImageStore;
  readonly looker: FrameLooker;
  close(): Promise<void>;
}

export function openSession(options: WindowOptions): WindowSession {
  const images = new ImageStore();
  const looker = new FrameLooker();
  return {
    options,
    configFile: options.configFile ?? userConfigFile(options.surroundings),
    chosen: new ChosenFolders(),
    images,
    looker,
    async close() {
      await Promise.all([images.close(), looker.close()]);
    },
  };
}
