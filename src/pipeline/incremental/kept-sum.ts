// The sum that frames are added to, kept beside the mosaic where the science image is not it: cropped, binned, cleaned, evened, or of weights that fell.
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Workspace } from '../../cleanup/workspace.js';
import type { Provenance } from '../../output/cards/provenance-cards.js';
import { writeScienceFits } from '../../output/science-fits.js';
import { mosaicSource, uncertaintySource } from '../canvas/canvas.js';
import type { Assembled } from '../phases/assembly.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { RunContext } from '../run-context.js';
import { mosaicMark, type KeptSum } from './increment-state.js';

/** `listFiles` knows it, too: a sum is no input. */
const SUM_NAME = /^sum_[0-9a-f]{8}\.fits$/;

/** Writes the whole canvases, before anything is taken from them; the sums that are there stay until `dropOldSums`. Loses no bit. */
export async function writeSum(
  { config, ledger }: Pick<RunContext, 'config' | 'ledger'>,
  workspace: Workspace,
  dir: string,
  { grid: { wcs }, outputBytes }: Pick<MosaicPlan, 'grid' | 'outputBytes'>,
  { mosaic, weight, coverage, radial }: Pick<Assembled, 'mosaic' | 'weight' | 'coverage' | 'radial'>,
  provenance: Provenance,
): Promise<KeptSum> {
  const name = `sum_${randomBytes(4).toString('hex')}.fits`;
  const at = path.join(dir, name);
  const output = await workspace.beginOutput(at);
  const compression = config.output_compression === 'none' ? undefined : ({ codec: 'GZIP_2' } as const);
  await ledger.time('save', 'host', async () => {
    const image = {
      mosaic: mosaicSource(mosaic, weight),
      coverage,
      uncertainty: uncertaintySource(weight),
      ...(radial && { weight: radial }),
      wcs,
      provenance,
      compression,
    };
    await output.written(outputBytes, (temporaryPath) => writeScienceFits(at, image, { temporaryPath }));
    return { result: undefined, bytes: 0 };
  });
  await output.committed();
  return { name, mark: (await mosaicMark(at))! };
}

/** Removes the sums in `dir` that are not among `kept`: of mosaics that stand no longer, and of runs that were stopped. */
export async function dropOldSums(dir: string, kept: readonly (string | undefined)[]): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isFile() && SUM_NAME.test(entry.name) && !kept.includes(entry.name))
      await rm(path.join(dir, entry.name));
  }
}
