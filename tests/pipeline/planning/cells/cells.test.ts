import { describe, expect, it } from 'vitest';
import { makeTanWcs } from '../../../../src/astrometry/wcs/tan-wcs.js';
import { BLOCK_SIZE } from '../../../../src/compute/constants.js';
import { blockSpans, touches } from '../../../../src/pipeline/planning/grid/block-spans.js';
import {
  cellCost,
  CellReader,
  readFrame,
  windowPixels,
  type CellReads,
} from '../../../../src/pipeline/planning/cells/cell-reads.js';
import { cellMemory } from '../../../../src/pipeline/planning/cells/cell-memory.js';
import {
  CellBudgetError,
  planCells,
  type CellFrame,
  type CellOptions,
} from '../../../../src/pipeline/planning/cells/cells.js';
import type { OutputGrid } from '../../../../src/pipeline/planning/grid/output-grid.js';
import { lateCubesOf } from '../../../helpers/late-cubes.js';

const grid: OutputGrid = {
  nx: 1500,
  ny: 1100,
  wcs: makeTanWcs({ crval: [0, 0], crpix: [1, 1], cd: [-1e-3, 0, 0, 1e-3] }),
  centre: [0, 0],
  scaleArcsec: 3.6,
  rotationDeg: 0,
};

/** A rectangle turned about its centre, as a closed polygon of grid positions. */
function rectangle(cx: number, cy: number, w: number, h: number, angle: number): Float64Array {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return Float64Array.from(
    [
      [-w / 2, -h / 2],
      [w / 2, -h / 2],
      [w / 2, h / 2],
      [-w / 2, h / 2],
    ].flatMap(([x, y]) => [cx + x * c - y * s, cy + x * s + y * c]),
  );
}

const frames: CellFrame[] = Array.from({ length: 12 }, (_, k) => {
  const angle = 0.05 * k;
  const polygon = rectangle(500 + 40 * (k % 4), 480 + 60 * Math.floor(k / 4), 640, 480, angle);
  return { spans: blockSpans(polygon, grid.nx, grid.ny), nx: 640, ny: 480, scale: 1, rotation: angle };
});

const OPTIONS = {
  guarded: false,
  planes: 3,
  windowPlanes: 3,
  halo: 10,
  memoryBytes: 64e6,
  maxBufferBytes: 128e6,
  onHost: false,
  cellSizePx: 0,
};

describe('block spans', () => {
  it('hold every block that a point of the polygon lies in', () => {
    const polygon = rectangle(700, 500, 640, 480, 0.7);
    const spans = blockSpans(polygon, grid.nx, grid.ny);
    const [s, c] = [Math.sin(0.7), Math.cos(0.7)];
    for (let v = -239; v <= 239; v += 7) {
      for (let u = -319; u <= 319; u += 7) {
        const [x, y] = [700 + u * c - v * s, 500 + u * s + v * c];
        if (x < 0 || y < 0 || x >= grid.nx || y >= grid.ny) continue;
        const [bx, by] = [Math.floor((x + 0.5) / BLOCK_SIZE), Math.floor((y + 0.5) / BLOCK_SIZE)];
        expect(touches(spans, bx, by, bx, by)).toBe(true);
      }
    }
  });

  it('leave out blocks well outside', () => {
    const spans = blockSpans(rectangle(700, 500, 100, 100, 0), grid.nx, grid.ny);
    expect(touches(spans, 0, 0, 8, 20)).toBe(false);
    expect(touches(spans, 13, 0, 23, 20)).toBe(false);
    expect(touches(spans, 9, 0, 12, 5)).toBe(false);
  });
});

describe('cells', () => {
  it('cover every touched block exactly once', () => {
    const plan = planCells(grid, frames, OPTIONS);
    const seen = new Map<string, number>();
    for (const { rect } of plan.cells) {
      expect(rect.x0 % BLOCK_SIZE).toBe(0);
      expect(rect.y0 % BLOCK_SIZE).toBe(0);
      for (let y = rect.y0; y < rect.y0 + rect.height; y += BLOCK_SIZE) {
        for (let x = rect.x0; x < rect.x0 + rect.width; x += BLOCK_SIZE) {
          seen.set(`${x},${y}`, (seen.get(`${x},${y}`) ?? 0) + 1);
        }
      }
      expect(rect.x0 + rect.width).toBeLessThanOrEqual(grid.nx);
      expect(rect.y0 + rect.height).toBeLessThanOrEqual(grid.ny);
    }
    expect([...seen.values()].every((n) => n === 1)).toBe(true);
    for (const { spans } of frames) {
      for (let r = 0; r < spans.spans.length / 2; r++) {
        for (let b = spans.spans[2 * r]; b <= spans.spans[2 * r + 1]; b++) {
          expect(seen.has(`${b * BLOCK_SIZE},${(spans.firstRow + r) * BLOCK_SIZE}`)).toBe(true);
        }
      }
    }
  });

  it('name their frames in ascending order, and all of them', () => {
    const plan = planCells(grid, frames, { ...OPTIONS, cellSizePx: 256 });
    for (const cell of plan.cells) {
      expect([...cell.frames]).toEqual([...cell.frames].sort((a, b) => a - b));
      const { x0, y0, width, height } = cell.rect;
      const expected = frames.flatMap(({ spans }, f) =>
        touches(spans, x0 / BLOCK_SIZE, y0 / BLOCK_SIZE, (x0 + width - 1) >> 6, (y0 + height - 1) >> 6)
          ? [f]
          : [],
      );
      expect([...cell.frames]).toEqual(expected);
    }
  });

  it('obey the budget, and shrink with it', () => {
    const wide = planCells(grid, frames, OPTIONS);
    const tight = planCells(grid, frames, { ...OPTIONS, memoryBytes: 16e6 });
    expect(wide.cellBytes).toBeLessThanOrEqual(64e6);
    expect(tight.cellBytes).toBeLessThanOrEqual(16e6);
    expect(tight.cells.length).toBeGreaterThan(wide.cells.length);
  });

  it('obey the largest buffer of the backend', () => {
    const plan = planCells(grid, frames, { ...OPTIONS, maxBufferBytes: 4e6 });
    for (const { rect, frames: members } of plan.cells)
      expect(members.length * 3 * rect.width * rect.height * 4).toBeLessThanOrEqual(4e6);
  });

  it('obey it for the planes of a window too, which outgrow the cube where frames are large and few', () => {
    const fine = { ...frames[0], nx: 5120, ny: 3840, scale: 1 / 8 };
    const plan = planCells(grid, [fine], { ...OPTIONS, memoryBytes: 1e9, maxBufferBytes: 40e6 });
    const { rect } = plan.cells.reduce((a, b) => (b.rect.width > a.rect.width ? b : a));
    // Eight frame pixels to one of the grid, three planes of float32.
    const window = Math.min(5120, 8 * rect.width) * Math.min(3840, 8 * rect.height);
    expect(3 * 4 * window).toBeLessThanOrEqual(40e6);
  });

  it('are of the size that costs least', () => {
    const unlimited = { frames: Infinity, cost: Infinity };
    const plan = planCells(grid, frames, { ...OPTIONS, memoryBytes: 40e6 });
    const [blocksX, blocksY] = [Math.ceil(grid.nx / BLOCK_SIZE), Math.ceil(grid.ny / BLOCK_SIZE)];
    const [w, h] = [Math.ceil(plan.widthPx / BLOCK_SIZE), Math.ceil(plan.heightPx / BLOCK_SIZE)];
    const reader = new CellReader(grid, frames.map(readFrame), OPTIONS.halo);
    const chosen = reader.reads([w, h], unlimited)!;
    const parts = (blocks: number) => [...Array(blocks).keys()].map((n) => Math.ceil(blocks / (n + 1)));
    let smaller = 0;
    for (const x of parts(blocksX)) {
      for (const y of parts(blocksY)) {
        const tried = reader.reads([x, y], unlimited)!;
        // no more of anything that takes memory: such cells fit as well
        if (x * y > w * h || tried.maxFrames > chosen.maxFrames || tried.largest > chosen.largest) continue;
        smaller++;
        expect(cellCost(tried, 0, 0)).toBeGreaterThanOrEqual(cellCost(chosen, 0, 0) * (1 - 1e-12));
      }
    }
    expect(smaller).toBeGreaterThan(20);
  });

  it('are tried until they read more than others, or hold too many frames', () => {
    const plan = planCells(grid, frames, { ...OPTIONS, cellSizePx: 256 });
    const whole = frames.reduce((sum, { nx, ny }) => sum + nx * ny, 0);
    const tried = (most: Partial<{ frames: number; cost: number }>) =>
      new CellReader(grid, frames.map(readFrame), OPTIONS.halo).reads([4, 4], {
        frames: Infinity,
        cost: Infinity,
        ...most,
      });
    const reads = tried({})!;
    const { maxFrames } = reads;
    const cost = cellCost(reads, 0, 0);
    expect(maxFrames).toBe(plan.maxFrames);
    const { maxRead, largest } = reads;
    expect(plan.cellBytes).toBe(
      cellMemory(OPTIONS, { pixels: 256 ** 2, frames: maxFrames, windows: maxRead, largest }).cellBytes,
    );
    expect(reads.read / whole).toBeCloseTo(plan.readAmplification, 12);
    expect(reads.cells).toBe(plan.cells.length);
    expect(reads.windows).toBe(plan.cells.reduce((sum, cell) => sum + cell.frames.length, 0));
    expect(tried({ frames: maxFrames, cost })).toBeDefined();
    expect(tried({ frames: maxFrames - 1 })).toBeUndefined();
    expect(tried({ cost: cost - 1 })).toBeUndefined();
  });

  it('cost more with everything that they need', () => {
    const least: CellReads = { maxFrames: 1, read: 1e6, maxRead: 1e6, largest: 1e6, windows: 10, cells: 2 };
    const cost = (more: Partial<CellReads>, bytes = 1e8) =>
      cellCost({ ...least, ...more }, bytes, 1e9) - cellCost(least, 1e8, 1e9);
    for (const more of [cost({ read: 2e6 }), cost({ windows: 20 }), cost({ cells: 3 }), cost({}, 2e8)])
      expect(more).toBeGreaterThan(0);
  });

  it('take less memory where each page of it costs time, as long as little more is read', () => {
    // a panel of sixteen frames of 2 Mpx, one over the other
    const panel: OutputGrid = { ...grid, nx: 1200, ny: 2000 };
    const deep = Array.from({ length: 16 }, (_, k): CellFrame => {
      const polygon = rectangle(580 + 2 * k, 1000, 1080, 1920, 0);
      return { spans: blockSpans(polygon, panel.nx, panel.ny), nx: 1080, ny: 1920, scale: 1, rotation: 0 };
    });
    const wide = { ...OPTIONS, planes: 3, windowPlanes: 1, memoryBytes: 1e9, maxBufferBytes: 1e9 };
    const [onDevice, onHost] = [false, true].map((at) => planCells(panel, deep, { ...wide, onHost: at }));
    expect(onHost.cellBytes).toBeLessThan(0.7 * onDevice.cellBytes);
    expect(onHost.readAmplification).toBeLessThan(1.3 * onDevice.readAmplification);
  });

  it('take fifty megabytes where that spares some time, two hundred hardly ever unless the run is long', () => {
    const seconds = (bytes: number, framePixels: number) =>
      8e-9 * cellCost({ read: 0, windows: 0, cells: 0 }, bytes, framePixels);
    for (const framePixels of [1e9, 1e12]) {
      expect(seconds(50e6, framePixels)).toBeLessThan(0.2);
      expect(seconds(100e6, framePixels)).toBeGreaterThan(1.5);
      expect(seconds(100e6, framePixels)).toBeLessThan(2.5);
    }
    expect(seconds(200e6, 1e12)).toBeGreaterThan(30);
    // a thousand frames of two million pixels, which take two minutes
    expect(seconds(200e6, 2e9)).toBeGreaterThan(15);
    expect(seconds(200e6, 2e9)).toBeLessThan(25);
    expect(seconds(300e6, 2e9)).toBeGreaterThan(35);
  });

  it('refuse a budget in which not one block fits', () => {
    expect(() => planCells(grid, frames, { ...OPTIONS, memoryBytes: 1e5 })).toThrow(CellBudgetError);
  });
});

describe('cells whose warps wait', () => {
  // frames of which each reaches a small part of the grid
  const bytes = lateCubesOf({ windowPixelBytes: 6, storedPixelBytes: 2, slotBytes: 1000 });
  const late = { bytes, areStored: false, blockPixels: 5000 };
  const guarding = { ...OPTIONS, guarded: true, windowPlanes: 1, memoryBytes: 1e9, maxBufferBytes: 1e9 };

  it('take what waits in place of the cube, at their deepest and at their widest', () => {
    const reader = new CellReader(grid, frames.map(readFrame), OPTIONS.halo);
    for (const side of [256, 512]) {
      const blocks = side / BLOCK_SIZE;
      const { maxFrames, maxRead } = reader.reads([blocks, blocks], { frames: Infinity, cost: Infinity })!;
      const planned = (more: Partial<CellOptions>) =>
        planCells(grid, frames, { ...guarding, cellSizePx: side, ...more });
      const cube = 4 * 3 * side ** 2 * (maxFrames + 1);
      const [now, waiting] = [planned({}), planned({ late })];
      expect(waiting.cellBytes - now.cellBytes).toBeCloseTo(6 * maxRead + 1000 * maxFrames - cube, 3);
      // the most windows lie over one cell: as many as it has frames, each of all its pixels at most
      const widest = Math.max(
        ...waiting.cells.map(({ frames: members }) =>
          members.reduce(
            (sum, f) => sum + windowPixels(readFrame(frames[f]), blocks, blocks, OPTIONS.halo),
            0,
          ),
        ),
      );
      expect(maxRead).toBeLessThanOrEqual(widest);
      expect(maxRead).toBeGreaterThan(widest / 2);
      // no more than the cube, which they are warped into then
      expect(planned({ late: { ...late, bytes: { ...bytes, windowPixelBytes: 600 } } }).cellBytes).toBe(
        now.cellBytes,
      );
      // nor is the cube larger than a buffer may be
      expect(waiting.bufferBytes).toBe(cube);
    }
  });

  it('take what is in hand of every frame, up to what that can be kept to, and of parts of windows', () => {
    const planned = (more: Partial<typeof bytes>) =>
      planCells(grid, frames, {
        ...guarding,
        cellSizePx: 256,
        late: { ...late, bytes: { ...bytes, ...more } },
      });
    const { cellBytes, maxFrames } = planned({});
    const more = (of: Partial<typeof bytes>) => planned(of).cellBytes - cellBytes;
    expect(more({ handBytes: 500, handMostBytes: 1e6 })).toBeCloseTo(500 * maxFrames, 3);
    expect(more({ handBytes: 500, handLeastBytes: 100, handMostBytes: 300 * maxFrames })).toBeCloseTo(
      300 * maxFrames,
      3,
    );
    expect(more({ handBytes: 500, handLeastBytes: 400, handMostBytes: 300 * maxFrames })).toBeCloseTo(
      400 * maxFrames,
      3,
    );
    expect(more({ partPixelBytes: 8 })).toBeCloseTo(8 * late.blockPixels, 3);
  });

  it('are larger where that leaves room', () => {
    const [now, waiting] = [undefined, late].map((of) =>
      planCells(grid, frames, { ...guarding, atOnce: true, memoryBytes: 40e6, late: of }),
    );
    expect(waiting.widthPx * waiting.heightPx).toBeGreaterThan(now.widthPx * now.heightPx);
    expect(waiting.readAmplification).toBeLessThan(now.readAmplification);
    expect(waiting.cellBytes).toBeLessThanOrEqual(40e6);
    expect(waiting.bufferBytes).toBeGreaterThan(40e6);
    const small = planCells(grid, frames, { ...guarding, atOnce: true, late, maxBufferBytes: 40e6 });
    expect(small.bufferBytes).toBeLessThanOrEqual(40e6);
  });

  it('have results once, and maps of rejected samples where these are asked for', () => {
    const perPixel = (more: Partial<CellOptions>) =>
      planCells(grid, frames, { ...guarding, cellSizePx: 256, ...more }).cellBytes / (4 * 3 * 256 ** 2);
    expect(perPixel({}) - perPixel({ atOnce: true })).toBeCloseTo(17, 9);
    expect(perPixel({ atOnce: true, mapsRejected: true }) - perPixel({ atOnce: true })).toBeCloseTo(4, 9);
  });
});

describe('small cells', () => {
  /** Forty frames over the left of the grid, of which ten lie over the right too. */
  const deep = Array.from({ length: 40 }, (_, k): CellFrame => {
    const width = k % 4 === 0 ? 1400 : 300;
    const polygon = rectangle(40 + width / 2, 520, width, 900, 0);
    return { spans: blockSpans(polygon, grid.nx, grid.ny), nx: width, ny: 900, scale: 1, rotation: 0 };
  });
  const tight = { ...OPTIONS, memoryBytes: 4.5e6 };
  const plan = planCells(grid, deep, tight);
  const parted = planCells(grid, deep, { ...tight, cellSizePx: plan.widthPx });

  it('are joined where they share their frames, as far as the budget goes', () => {
    const pairs = ({ cells }: typeof plan) => cells.reduce((n, cell) => n + cell.frames.length, 0);
    const largest = Math.max(...plan.cells.map(({ rect }) => rect.width * rect.height));
    expect(plan.widthPx).toBe(plan.heightPx);
    expect(largest).toBeGreaterThan(plan.widthPx * plan.heightPx);
    expect(pairs(plan)).toBeLessThan(0.9 * pairs(parted));
    expect(plan.readAmplification).toBeLessThan(parted.readAmplification);
    expect(plan.cellBytes).toBeLessThanOrEqual(tight.memoryBytes);
    for (const { rect, frames: members } of plan.cells)
      expect(4 * 3 * rect.width * rect.height * members.length).toBeLessThanOrEqual(tight.memoryBytes);
  });

  it('are of the size that costs least once they are joined, not before', () => {
    const many = Array.from({ length: 5 }, () => deep).flat();
    const options = { ...OPTIONS, maxBufferBytes: 4e9 };
    const reader = new CellReader(grid, many.map(readFrame), options.halo);
    const parted = (w: number, h: number) => {
      const reads = reader.reads([w, h], { frames: Infinity, cost: Infinity })!;
      const { maxFrames, maxRead, largest } = reads;
      const pixels = w * h * BLOCK_SIZE ** 2;
      const { cellBytes } = cellMemory(options, { pixels, frames: maxFrames, windows: maxRead, largest });
      return cellBytes <= options.memoryBytes ? cellCost(reads, 0, 0) : Infinity;
    };
    const best = planCells(grid, many, options);
    const own = parted(best.widthPx / BLOCK_SIZE, best.heightPx / BLOCK_SIZE);
    const windows = best.cells.reduce((sum, cell) => sum + cell.frames.length, 0);
    const read = best.readAmplification * many.reduce((sum, { nx, ny }) => sum + nx * ny, 0);
    const others = [1, 2, 3, 4, 5, 6, 8].flatMap((w) => [1, 2, 3, 4, 5, 6].map((h) => parted(w, h)));
    const least = Math.min(...others);
    expect(own).toBeGreaterThan(1.05 * least);
    expect(cellCost({ read, windows, cells: best.cells.length }, 0, 0)).toBeLessThan(0.95 * least);
  });

  it('take no more than the deepest where bytes cost something, however much there is', () => {
    const many = Array.from({ length: 50 }, () => deep).flat();
    const { cells, widthPx, heightPx } = planCells(grid, many, {
      ...OPTIONS,
      memoryBytes: 4e9,
      maxBufferBytes: 4e9,
      onHost: true,
    });
    const bytes = cells.map(({ rect, frames: { length } }) => 4 * 3 * rect.width * rect.height * length);
    expect(Math.max(...cells.map(({ rect }) => rect.width * rect.height))).toBeGreaterThan(
      widthPx * heightPx,
    );
    expect(Math.max(...bytes)).toBeLessThanOrEqual(4 * 3 * widthPx * heightPx * many.length);
  });

  it('may be very many', () => {
    const strip = (blocks: number) => {
      const long = { ...grid, nx: blocks * BLOCK_SIZE, ny: BLOCK_SIZE };
      const outline = rectangle(long.nx / 2, long.ny / 2, long.nx, long.ny, 0);
      const spans = blockSpans(outline, long.nx, long.ny);
      return { long, frame: { spans, nx: long.nx, ny: long.ny, scale: 1, rotation: 0 } };
    };
    const few = strip(3);
    const one = planCells(few.long, [few.frame], { ...OPTIONS, cellSizePx: BLOCK_SIZE }).cellBytes;
    const many = strip(125_000);
    // Not enough for two blocks.
    const plan = planCells(many.long, [many.frame], { ...OPTIONS, memoryBytes: 1.2 * one });
    expect(plan.cells).toHaveLength(125_000);
    expect(plan.cellBytes).toBe(one);
  });

  it('hold the blocks and frames of their parts', () => {
    const blocks = ({ cells }: typeof plan) =>
      cells.flatMap(({ rect, frames: members }) => {
        const found: string[] = [];
        for (let y = rect.y0; y < rect.y0 + rect.height; y += BLOCK_SIZE)
          for (let x = rect.x0; x < rect.x0 + rect.width; x += BLOCK_SIZE)
            for (const f of members)
              if (touches(deep[f].spans, x >> 6, y >> 6, x >> 6, y >> 6)) found.push(`${x} ${y} ${f}`);
        return found;
      });
    expect(blocks(plan).sort()).toEqual(blocks(parted).sort());
    for (const { frames: members } of plan.cells)
      expect([...members]).toEqual([...members].sort((a, b) => a - b));
  });
});

describe('what is combined on the host', () => {
  const perPixel = (hostArrays?: { perSlot: number; perCell: number }) => {
    const plan = planCells(grid, frames, {
      ...OPTIONS,
      planes: 1,
      windowPlanes: 1,
      cellSizePx: 256,
      hostArrays,
    });
    return plan.cellBytes / (4 * plan.widthPx * plan.heightPx);
  };

  it('counts for every frame of a cell and for the cell', () => {
    const most = planCells(grid, frames, { ...OPTIONS, cellSizePx: 256 }).maxFrames;
    expect(perPixel({ perSlot: 4, perCell: 6 }) - perPixel()).toBeCloseTo(4 * most + 6, 6);
  });

  it('makes cells smaller where the budget asks for it', () => {
    const area = (hostArrays?: { perSlot: number; perCell: number }) => {
      const options = { ...OPTIONS, memoryBytes: 16e6, hostArrays };
      const { widthPx, heightPx, cellBytes } = planCells(grid, frames, options);
      expect(cellBytes).toBeLessThanOrEqual(options.memoryBytes);
      return widthPx * heightPx;
    };
    expect(area({ perSlot: 8, perCell: 6 })).toBeLessThan(area());
  });
});
