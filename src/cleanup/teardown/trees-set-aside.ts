// Old trees of tiles that killed runs have set aside under a hidden name of their own, and that a new tree has replaced.
import path from 'node:path';
import { kindRow } from '../artifact-kinds.js';
import { identify } from '../paths.js';
import { ownerStateOf, type RunRecord } from '../journal/read-journals.js';
import { shortRunId } from '../journal/run-id.js';
import type { Candidate } from './teardown-facts.js';

/** A tree in progress, as a journal names it. */
const IN_PROGRESS = /^\.(?<name>.+)\.(?<run>[0-9a-f]{8})\.part$/;

/**
 * For `clean`. Ours is what stands beside a tree in progress that the journal of a dead run names, under that name and that run's id. Only where a tree of ours stands in
 * the place of both is the old one of no use: where none does, be it that somebody has put another folder there, it is the only one there is, and the next run that writes
 * tiles puts it back or says what is in its way.
 */
export async function treesSetAside(
  runs: readonly RunRecord[],
  wanted: (run: RunRecord, artifactPath: string) => boolean,
  isOwnTree: (dir: string) => Promise<boolean>,
): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const run of runs) {
    if (!run.trusted) continue;
    for (const { path: at, kind } of run.artifacts.values()) {
      if (kind !== 'output_tree_in_progress' || ownerStateOf(run, at) !== 'dead' || !wanted(run, at))
        continue;
      const parts = IN_PROGRESS.exec(path.basename(at))?.groups;
      if (parts?.run !== shortRunId(run.header.runId)) continue;
      const aside = path.join(path.dirname(at), `.${parts.name}.${parts.run}.previous`);
      const identity = identify(aside);
      if (identity?.type !== 'directory') continue;
      if (!(await isOwnTree(path.join(path.dirname(at), parts.name)))) continue;
      found.push({
        path: aside,
        kind: 'output_tree_set_aside',
        meaning: kindRow('output_tree_set_aside').meaning,
        adopted: false,
        neededForResume: false,
        holdsProducts: false,
        owner: { state: 'dead', cacheRetention: run.header.policy.cacheRetention },
        identity,
      });
    }
  }
  return found;
}
