// How frames are grouped: clusters, batches that overlap, batches by coverage, the plan of a person.
import { describe, expect, it } from 'vitest';
import { blankThin } from '../../src/pipeline/canvas/blank-thin.js';
import { memoryCanvas } from '../../src/pipeline/canvas/canvas.js';
import { cappedBatches, coverageBatches } from '../../src/pipeline/grouping/batches.js';
import { clusterFrames, type ClusterFrame } from '../../src/pipeline/grouping/cluster-frames.js';
import { groupCounts } from '../../src/pipeline/grouping/frame-groups.js';
import { modeOf } from '../../src/pipeline/grouping/plan-groups.js';
import { groupsOfPlan, parseStackPlan } from '../../src/pipeline/grouping/stack-plan.js';

const DEG = Math.PI / 180;
const options = { thresholdDeg: 0, targetGroups: 0, orientationSplitDeg: 0, splitNights: false };

/** A frame of 1 degree at RA `x` on the equator. */
const frame = (x: number, more: Partial<ClusterFrame> = {}): ClusterFrame => ({
  at: [Math.cos(x * DEG), Math.sin(x * DEG), 0],
  sideDeg: 1,
  orientationDeg: 0,
  timeMs: NaN,
  ...more,
});
const panel = (x: number, more: Partial<ClusterFrame> = {}) =>
  [0, 0.02, -0.03].map((d) => frame(x + d, more));

describe('clusters', () => {
  it('are panels: what lies nearer than 0.3 of a side belongs together', () => {
    expect(clusterFrames([...panel(0), ...panel(0.75)], options)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(clusterFrames([...panel(0), ...panel(0.75)], { ...options, thresholdDeg: 0.8 })).toHaveLength(1);
  });

  it('come near the number asked for', () => {
    const frames = [...panel(0), ...panel(0.2), ...panel(5), ...panel(5.2)];
    const count = (targetGroups: number) => clusterFrames(frames, { ...options, targetGroups }).length;
    expect([count(4), count(2)]).toEqual([4, 2]);
  });

  it('are split by mount, and by orientation and night where that is asked for', () => {
    const night = Date.UTC(2024, 5, 1, 22);
    const of = (more: Partial<ClusterFrame>, changed: Partial<typeof options> = {}) =>
      clusterFrames([...panel(0, { timeMs: night }), ...panel(0, { timeMs: night, ...more })], {
        ...options,
        ...changed,
      }).length;
    expect(of({ mount: 'eq' })).toBe(1);
    expect(
      clusterFrames([...panel(0, { mount: 'altaz' }), ...panel(0, { mount: 'eq' })], options),
    ).toHaveLength(2);
    expect([of({ orientationDeg: 355 }), of({ orientationDeg: 355 }, { orientationSplitDeg: 10 })]).toEqual([
      1, 1,
    ]);
    expect(of({ orientationDeg: 180 }, { orientationSplitDeg: 10 })).toBe(2);
    const next = { timeMs: night + 22 * 3600e3 };
    expect([of(next), of(next, { splitNights: true })]).toEqual([1, 2]);
  });

  it('of one or two frames go with their neighbours, unless there are none', () => {
    expect(clusterFrames([...panel(0), frame(0.6), frame(40)], options)).toEqual([[0, 1, 2, 3], [4]]);
  });
});

describe('batches', () => {
  const list = (n: number) => Array.from({ length: n }, (_, i) => i);

  it('hold at most so many frames, the last one the rest', () => {
    expect(cappedBatches(list(10), 4, 0)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7, 8, 9],
    ]);
    expect(cappedBatches(list(11), 4, 0).map((batch) => batch.length)).toEqual([4, 4, 3]);
    expect(cappedBatches(list(3), 0, 0)).toEqual([[0, 1, 2]]);
  });

  it('overlap, and each frame is known to be in so many', () => {
    const groups = cappedBatches(list(10), 5, 0.4);
    expect(groups).toEqual([
      [0, 1, 2, 3, 4],
      [3, 4, 5, 6, 7, 8, 9],
    ]);
    const counts = groupCounts({ mode: 'classic', groups }, 10);
    expect([...counts]).toEqual([1, 1, 1, 2, 2, 1, 1, 1, 1, 1]);
  });

  it('are closed by what they cover, with enough frames, or by their target', () => {
    const half = (f: number) => (f % 2 === 0 ? [0, 1] : [2, 3]);
    const sds = { coverage: 0.9, minFrames: 2, targetFrames: 10 };
    expect(coverageBatches(list(5), half, sds)).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    expect(coverageBatches(list(6), () => [0], { ...sds, minFrames: 3 })).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    const never = { ...sds, coverage: 1, targetFrames: 2 };
    expect(coverageBatches(list(4), (f) => [f], never)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});

describe('a stack plan', () => {
  const paths = ['/in/a/x.fit', '/in/b/x.fit', '/in/y.fit', '/in/z.fit'];

  it('names files by path or by a name that is one frame’s own, in groups of batch and mount', () => {
    const plan = parseStackPlan(
      'File_Path;batch_id;mount\r\na/x.fit;1;EQ\r\n"C:\\seestar\\y.fit";1;EQ\nz.fit;1;ALTZ\nx.fit;2;EQ\n\n',
      'plan',
    );
    expect(groupsOfPlan(plan, '/in', paths)).toEqual({
      groups: [[0, 2], [3], [1]],
      unplanned: 1,
      // of two frames of that name
      unknown: 1,
    });
  });

  it('may have commas in quotes', () => {
    expect(parseStackPlan('path,batch_id\n"a, ""b"".fit",7', 'plan')).toEqual([
      { file: 'a, "b".fit', group: '7\n' },
    ]);
  });

  it('keeps its columns where a row begins with nothing', () => {
    expect(parseStackPlan('batch_id,path,mount\n,a.fits,EQ\n1,,EQ', 'plan')).toMatchObject([
      { file: 'a.fits' },
    ]);
  });

  it('is refused without a column of files', () => {
    expect(() => parseStackPlan('exposure,batch_id\n10,1', 'plan')).toThrow('pipeline_stack_plan_columns');
  });
});

it('auto is grid where a plan lies, SDS where that is the default, else mosaic-first', () => {
  const auto = { assembly_mode: 'auto', sds_mode_default: false } as const;
  expect(modeOf(auto, false)).toBe('mosaic_first');
  expect(modeOf(auto, true)).toBe('grid');
  expect(modeOf({ ...auto, sds_mode_default: true }, false)).toBe('sds');
  expect(modeOf({ assembly_mode: 'classic', sds_mode_default: true }, true)).toBe('classic');
});

it('what too few frames cover is blanked', async () => {
  const rect = { x0: 0, y0: 0, width: 4, height: 1 };
  const canvases = {
    mosaic: memoryCanvas(4, 1, 3),
    weight: memoryCanvas(4, 1, 3),
    coverage: memoryCanvas(4, 1, 1),
  };
  await canvases.mosaic.write(rect, new Float32Array(12).fill(7));
  await canvases.weight.write(rect, new Float32Array(12).fill(1));
  await canvases.coverage.write(rect, Float32Array.of(10, 4, 3, 0));
  await blankThin(canvases, 0.4);
  const rows = async (canvas: (typeof canvases)['mosaic'], plane: number) => {
    const out = new Float32Array(4);
    await canvas.readRows(plane, 0, 1, out);
    return [...out];
  };
  for (const plane of [0, 2]) {
    expect(await rows(canvases.mosaic, plane)).toEqual([7, 7, NaN, NaN]);
    expect(await rows(canvases.weight, plane)).toEqual([1, 1, 0, 0]);
  }
  expect(await rows(canvases.coverage, 0)).toEqual([10, 4, 0, 0]);
});
