// Carries out a teardown plan and gives the account of it. Each entry is looked at again just before it goes; what
// cannot be removed is named and the rest goes on.
import path from 'node:path';
import { kindRow } from '../artifact-kinds.js';
import { isMissing, isSameOrInside, realEntryPath, systemCode } from '../paths.js';
import type { PlannedItem, TeardownPlan } from './plan-teardown.js';
import { removeTree } from './remove-tree.js';
import { nodeFs, type TeardownFs } from './teardown-fs.js';
import type {
  FailedRemoval,
  KeptArtifact,
  RefusedArtifact,
  RemovedArtifact,
  TeardownReport,
} from './teardown-report.js';

/** Executes `plan`. Never throws for what the disk says: that is in `failed`. */
export async function runTeardown(plan: TeardownPlan, fs: TeardownFs = nodeFs): Promise<TeardownReport> {
  const removed: RemovedArtifact[] = [];
  const failed: FailedRemoval[] = [];
  const stays = new Set(plan.items.filter((item) => item.action !== 'remove').map((item) => item.path));

  for (const item of plan.items) {
    if (item.action !== 'remove') continue;
    const outcome = await removeItem(item, stays, fs);
    if (outcome.bytes !== null) removed.push({ path: item.path, kind: item.kind, bytes: outcome.bytes });
    failed.push(...outcome.failed);
  }
  return { removed, failed, ...(await describeRest(plan, fs)) };
}

/** What a plan would do, with sizes: the report of a dry run. */
export async function describePlan(plan: TeardownPlan, fs: TeardownFs = nodeFs): Promise<TeardownReport> {
  const removed: RemovedArtifact[] = [];
  for (const { action, path: at, kind } of plan.items) {
    if (action === 'remove') removed.push({ path: at, kind, bytes: await sizeOf(fs, at) });
  }
  return { removed, failed: [], ...(await describeRest(plan, fs)) };
}

async function describeRest(
  plan: TeardownPlan,
  fs: TeardownFs,
): Promise<{ kept: KeptArtifact[]; refused: RefusedArtifact[] }> {
  const kept: KeptArtifact[] = [];
  const refused: RefusedArtifact[] = [];
  for (const { action, path: at, kind, meaning, reason } of plan.items) {
    if (action === 'keep') kept.push({ path: at, kind, bytes: await sizeOf(fs, at), meaning, reason });
    if (action === 'refuse') refused.push({ path: at, kind, reason });
  }
  return { kept, refused };
}

interface ItemOutcome {
  /** Bytes removed, or null when the item is not (wholly) gone by our doing. */
  readonly bytes: number | null;
  readonly failed: readonly FailedRemoval[];
}

const NOTHING: ItemOutcome = { bytes: null, failed: [] };

async function removeItem(
  item: PlannedItem,
  stays: ReadonlySet<string>,
  fs: TeardownFs,
): Promise<ItemOutcome> {
  const failure = (reason: string, code = ''): ItemOutcome => ({
    bytes: null,
    failed: [{ path: item.path, reason, code }],
  });
  try {
    // A folder above that has become a link since would lead elsewhere.
    if (realEntryPath(item.path) !== item.path) return failure('cleanup_reason_replaced');
    const now = await fs.lstat(item.path);
    if (now.dev !== item.identity.dev || now.ino !== item.identity.ino)
      return failure('cleanup_reason_replaced');
    switch (kindRow(item.kind).form) {
      case 'file':
        await fs.unlink(item.path);
        return { bytes: Number(now.size), failed: [] };
      case 'tree':
        return await removeTreeItem(item, stays, fs);
      case 'shell':
        return await removeShell(item, stays, fs);
    }
  } catch (error) {
    if (isMissing(error)) return NOTHING; // gone already: with the folder around it, or by another run's hand
    const code = systemCode(error);
    if (code === '') throw error;
    return failure('cleanup_reason_system_refused', code);
  }
}

async function removeTreeItem(
  item: PlannedItem,
  stays: ReadonlySet<string>,
  fs: TeardownFs,
): Promise<ItemOutcome> {
  const spare = new Set([...stays].filter((kept) => isSameOrInside(kept, item.path)));
  const { bytes, failed } = await removeTree(fs, item.path, item.identity, spare);
  return { bytes: failed.length === 0 && spare.size === 0 ? bytes : null, failed };
}

/** Removes a folder that a person named, if nothing is left in it. */
async function removeShell(
  item: PlannedItem,
  stays: ReadonlySet<string>,
  fs: TeardownFs,
): Promise<ItemOutcome> {
  const left = await fs.readdir(item.path);
  if (left.length === 0) {
    await fs.rmdir(item.path);
    return { bytes: 0, failed: [] };
  }
  const foreign = left.filter(
    (name) => ![...stays].some((kept) => isSameOrInside(kept, path.join(item.path, name))),
  );
  // What we keep in it is listed itself; what is a person's own in their own folder is no failure of ours.
  if (foreign.length === 0 || item.adopted) return NOTHING;
  return { bytes: null, failed: [{ path: item.path, reason: 'cleanup_reason_foreign_content', code: '' }] };
}

/** Bytes of a file, or of all files below a folder; links count nothing. What cannot be looked at counts 0. */
async function sizeOf(fs: TeardownFs, at: string): Promise<number> {
  try {
    const stats = await fs.lstat(at);
    if (!stats.isDirectory()) return stats.isFile() ? Number(stats.size) : 0;
    let bytes = 0;
    for (const name of await fs.readdir(at)) bytes += await sizeOf(fs, path.join(at, name));
    return bytes;
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return 0;
  }
}
