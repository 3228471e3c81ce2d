// `stack_plan.csv` of the reference program: which frames of a folder are stacked together.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../errors.js';

/** The plan cannot be read. */
export class StackPlanError extends CodedError {}

export const STACK_PLAN_NAME = 'stack_plan.csv';
const PATH_COLUMNS = ['file_path', 'filepath', 'path', 'filename', 'file_name', 'file', 'name'];

/** A row: the file as it stands there, and what tells its group. */
export interface PlannedFile {
  readonly file: string;
  /** Batch and mount, as written. */
  readonly group: string;
}

/** The rows of the plan in `folder`; undefined where there is none. @throws StackPlanError without a column that names files. */
export async function readStackPlan(folder: string): Promise<PlannedFile[] | undefined> {
  const file = path.join(folder, STACK_PLAN_NAME);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The input may be a single file.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  return parseStackPlan(text, file);
}

/** Fields are parted by commas or semicolons, quoted where they hold one; the first line names the columns, in any case. */
export function parseStackPlan(text: string, file: string): PlannedFile[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const comma = (lines[0] ?? '').includes(';') ? ';' : ',';
  const columns = fieldsOf(lines[0] ?? '', comma).map((name) => name.toLowerCase());
  const at = PATH_COLUMNS.map((name) => columns.indexOf(name)).find((index) => index >= 0);
  if (at === undefined)
    throw new StackPlanError('pipeline_stack_plan_columns', { path: file, columns: PATH_COLUMNS.join(', ') });
  const [batch, mount] = ['batch_id', 'mount'].map((name) => columns.indexOf(name));
  return lines.slice(1).flatMap((line) => {
    const fields = fieldsOf(line, comma);
    const group = [batch, mount].map((index) => (index < 0 ? '' : (fields[index] ?? '')).toLowerCase());
    return fields[at] ? [{ file: fields[at], group: group.join('\n') }] : [];
  });
}

function fieldsOf(line: string, comma: string): string[] {
  const fields: string[] = [];
  const pattern = new RegExp(String.raw`${comma}\s*(?:"((?:[^"]|"")*)"|([^${comma}]*))`, 'g');
  for (const [, quoted, plain] of (comma + line).matchAll(pattern)) {
    fields.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
  }
  return fields;
}

/**
 * Groups of frame numbers by the plan, in the order of its rows; frames that it does not name make one group more, the last. `paths` are absolute; the
 * plan may name files by path, from `folder` or absolute, or by a file name that only one frame has.
 */
export function groupsOfPlan(
  plan: readonly PlannedFile[],
  folder: string,
  paths: readonly string[],
): { groups: number[][]; unplanned: number; unknown: number } {
  const byPath = new Map(paths.map((at, f) => [at, f]));
  const byName = new Map<string, number[]>();
  for (const [f, at] of paths.entries()) {
    const name = path.basename(at);
    byName.set(name, [...(byName.get(name) ?? []), f]);
  }
  const groups = new Map<string, number[]>();
  const planned = new Set<number>();
  let unknown = 0;
  for (const { file, group } of plan) {
    const named = byName.get(file.split(/[/\\]/).at(-1)!) ?? [];
    const f = byPath.get(path.resolve(folder, file)) ?? (named.length === 1 ? named[0] : undefined);
    if (f === undefined) unknown++;
    if (f === undefined || planned.has(f)) continue;
    planned.add(f);
    groups.set(group, [...(groups.get(group) ?? []), f]);
  }
  const rest = [...paths.keys()].filter((f) => !planned.has(f));
  const all = [...groups.values(), ...(rest.length > 0 ? [rest] : [])];
  return {
    groups: all.map((group) => group.sort((a, b) => a - b)),
    unplanned: rest.length,
    unknown,
  };
}
