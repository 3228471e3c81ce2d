// Phase 6: the products. Each appears whole or not at all, and is registered as an output before the run ends.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { liveRunsOf } from '../../cleanup/run-state.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { RunConfig } from '../../config/table.js';
import { hasOwnTree, recoverTree, treeBytes } from '../../output/hips/put-tree.js';
import { besides } from '../besides.js';
import { runPhase, type RunContext } from '../run-context.js';
import type { SaveJob } from './save-job.js';
import { otherJobs, previewJob, scienceJob, type FinishedMosaic, type SaveContext } from './save-jobs.js';

/** What would be in the way hours later. @throws OutputError `output_tree_not_ours` where a folder of someone else has the name of the tiles. */
export async function refuseForeignTree({
  config,
  directories,
}: Pick<RunContext, 'config' | 'directories'>): Promise<void> {
  const tree = treeOf(config, directories);
  if (tree) await hasOwnTree(tree);
}

/** What a run that was killed while it put its tiles in their place has left. @throws OutputError as `recoverTree` */
export async function recoverTiles({
  config,
  directories,
}: Pick<RunContext, 'config' | 'directories'>): Promise<void> {
  const tree = treeOf(config, directories);
  if (tree) await recoverTree(tree, await liveRunsOf(directories.outputDir));
}

/** The tree of tiles that the run will write. */
function treeOf(config: RunConfig, { outputDir }: RunContext['directories']): string | undefined {
  return config.save_hips === 'none' ? undefined : path.join(outputDir, `${config.output_name}_hips`);
}

/** `whenScienceIsWhole` is called before the science image takes its place. */
export async function saveProducts(
  context: RunContext,
  workspace: Workspace,
  finished: FinishedMosaic,
  whenScienceIsWhole?: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  const { config, directories, ledger, signal, sink } = context;
  const making: SaveContext = {
    ...{ config, signal },
    finalPath: (suffix) => path.join(directories.outputDir, config.output_name + suffix),
  };
  const others = otherJobs(making, finished);
  await runPhase(context, 'save', 'files', 2 + others.length, async (step) => {
    const save = async ({ kind, suffix, form, write }: SaveJob) => {
      const at = making.finalPath(suffix);
      const output = await workspace.beginOutput(at, form);
      const bytes = await ledger.time('save', 'host', async () => {
        await output.written(finished.outputBytes, write);
        await output.committed();
        const size = form === 'tree' ? await treeBytes(at) : (await stat(at)).size;
        return { result: size, bytes: size };
      });
      sink.emit({ type: 'output-written', kind, path: at, bytes });
      step();
    };
    // The preview is made while the disk takes the science image, and goes there when that has its place: what it needs of a disk that fills is not the mosaic's.
    const science = save(scienceJob(making, finished, whenScienceIsWhole));
    await besides(science, save(previewJob(making, finished, science)));
    for (const job of others) {
      // counted all the same: it was announced before anyone could know
      if (await job.isVoid?.()) step();
      else await save(job);
    }
  });
}
