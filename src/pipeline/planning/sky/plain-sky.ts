// Which nodes show the sky itself: over a part of the mosaic, or in each group of frames of like pointing by itself.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import { frameComponents, type FrameLevels } from '../../../photometry/levels/level-observations.js';
import { selectMedian } from '../../../photometry/select-median.js';
import { fitSkyLevel } from '../../../photometry/levels/sky-level.js';
import { fitSkyPlane, ON_PLANE, type SkyPlane } from '../../../photometry/levels/sky-plane.js';
import { levelCoordinates } from '../../integrate/windows/integration-frame.js';
import type { GridFrame } from '../grid/output-grid.js';
import { pointingGroups } from './pointing-groups.js';
import type { PartNodes } from './sky-nodes.js';

/** Which of a part's nodes show the sky, and the level of that per channel. */
export interface PlainSky {
  readonly at: readonly number[];
  readonly levels: readonly number[];
}

/** What groups of frames show plain, each by itself. */
export interface PlainGroups extends PlainSky {
  /** `at` group by group. */
  readonly groups: readonly (readonly number[])[];
}

/** Share of the nodes that must be plain sky in all channels. Less may be a bay in a nebula, whose surface is not that of the field. */
const MIN_SHARE = 0.3;
/** The same where only a level is asked of them. */
const MIN_SHARE_OF_LEVEL = 0.08;
/** Share of what each group shows plain that must come to one level once their overlaps have had their say. */
const MIN_AGREEMENT = 0.75;
/** Nodes of a group that are worth a look. */
const MIN_NODES = 24;

/** The nodes that lie on the sky's plane in every channel; undefined where they are too few. */
export function plainNodes(sky: PartNodes): PlainSky | undefined {
  const { values, scatter, x, y } = sky;
  const planes = values.map((v, c) => fitSkyPlane(v, x, y, scatter[c]));
  if (!planes.every(({ found, support }) => found && support >= MIN_SHARE)) return undefined;
  const at = nodesNear(sky, planes);
  return at.length >= MIN_SHARE * x.length ? { at, levels: planes.map(({ level }) => level) } : undefined;
}

/** The nodes on the lowest level that is crowded in every channel, for nodes whose surfaces are known but for a constant; undefined where they are too few. */
export function levelNodes(sky: PartNodes): PlainSky | undefined {
  const { values, scatter, x } = sky;
  const told = values.map((v, c) => fitSkyLevel(v, scatter[c]));
  if (!told.every(({ found }) => found)) return undefined;
  const levels = told.map(({ level }) => level);
  const at = nodesNear(
    sky,
    levels.map((level) => ({ level, gradientX: 0, gradientY: 0, x0: 0, y0: 0 })),
  );
  return at.length >= MIN_SHARE_OF_LEVEL * x.length ? { at, levels } : undefined;
}

/** The nodes that lie on planes, one a channel, in every channel. */
function nodesNear(
  { values, scatter, x, y }: PartNodes,
  planes: readonly Pick<SkyPlane, 'level' | 'gradientX' | 'gradientY' | 'x0' | 'y0'>[],
): number[] {
  const isOff = new Uint8Array(x.length);
  for (let c = 0; c < planes.length; c++) {
    const { level, gradientX, gradientY, x0, y0 } = planes[c];
    const own = values[c];
    const reach = ON_PLANE * scatter[c];
    for (let i = 0; i < isOff.length; i++) {
      const expected = level + gradientX * (x[i] - x0) + gradientY * (y[i] - y0);
      if (!(Math.abs(own[i] - expected) < reach)) isOff[i] = 1;
    }
  }
  const at: number[] = [];
  for (let i = 0; i < isOff.length; i++) if (isOff[i] === 0) at.push(i);
  return at;
}

/** Whether most of what each group showed plain lies on one level in every channel: of many groups one alone may be wrong. */
export function isOneLevel({ values, scatter }: PartNodes, { at, groups }: PlainGroups): boolean {
  return values.every((v, c) => {
    const level = selectMedian(Float64Array.from(at, (i) => v[i]));
    return groups.every((own) => {
      const on = own.filter((i) => Math.abs(v[i] - level) < ON_PLANE * scatter[c]);
      return on.length >= MIN_AGREEMENT * own.length;
    });
  });
}

/**
 * Number of the set that each frame belongs to by overlaps that reach further than a cell of a mesh into both frames: the outermost cells hold sky that the other frame
 * does not see, and what a nebula is there tells no level.
 */
export function widelyOverlapping(frames: readonly GridFrame[], lists: readonly FrameLevels[]): Int32Array {
  const inner = lists.map((list, f): FrameLevels => {
    const { nx, ny } = frames[f];
    const { invScale } = levelCoordinates(nx, ny);
    const [reachX, reachY] = [nx, ny].map((side) => (side / 2 - BLOCK_SIZE) * invScale);
    const level = list.level.map((v, i) =>
      Math.abs(list.x[i]) <= reachX && Math.abs(list.y[i]) <= reachY ? v : NaN,
    );
    return { ...list, level };
  });
  return frameComponents(inner).component;
}

/** The group of frames of like pointing that sees each of `nodes` first; -1 where none does. */
export function groupsOfNodes(
  frames: readonly GridFrame[],
  lists: readonly FrameLevels[],
  nodes: number,
): Int32Array {
  const groups = pointingGroups(frames);
  const groupOf = new Int32Array(nodes).fill(-1);
  lists.forEach(({ node }, f) => {
    for (const n of node) if (groupOf[n] < 0) groupOf[n] = groups[f];
  });
  return groupOf;
}

/**
 * The nodes that `find` finds plain in each group by itself, all of one level from now on: what groups differ by, in level and gradient, is not the sky's. Undefined
 * where fewer than two groups show any.
 */
export function plainByGroup(
  sky: PartNodes,
  groupOf: Int32Array,
  find: (sky: PartNodes) => PlainSky | undefined,
): PlainGroups | undefined {
  const groups = new Map<number, number[]>();
  sky.node.forEach((n, i) => {
    const own = groups.get(groupOf[n]);
    if (own) own.push(i);
    else groups.set(groupOf[n], [i]);
  });
  const found = [...groups.values()].flatMap((own) => {
    if (own.length < MIN_NODES || groups.size < 2) return [];
    const plain = find(nodesAt(sky, own));
    return plain ? [plain.at.map((i) => own[i])] : [];
  });
  if (found.length < 2) return undefined;
  const at = found.flat().sort((a, b) => a - b);
  return { at, groups: found, levels: levelsAt(sky, at) };
}

/** What the nodes `at` show, median per channel. */
export function levelsAt({ values }: PartNodes, at: readonly number[]): number[] {
  return values.map((v) => selectMedian(Float64Array.from(at, (i) => v[i])));
}

function nodesAt({ node, values, scatter, x, y }: PartNodes, at: readonly number[]): PartNodes {
  const pick = (of: Float64Array) => Float64Array.from(at, (i) => of[i]);
  return {
    node: Int32Array.from(at, (i) => node[i]),
    values: values.map(pick),
    scatter,
    x: pick(x),
    y: pick(y),
  };
}
