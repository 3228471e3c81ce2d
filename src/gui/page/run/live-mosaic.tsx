// The mosaic while it grows: each cell is fetched once, when it is done, at the size of the screen.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { GridRect } from '../../../report/events.js';
import { screenValues, type Stretch } from '../../../output/picture/stretch.js';
import { useApp } from '../app-state.js';
import { askNumbers } from '../client.js';
import { liveStretch } from './live-stretch.js';

/** Longest side of the picture, pixels. */
const SIDE = 1000;

interface LiveCell {
  readonly rect: GridRect;
  readonly width: number;
  readonly height: number;
  readonly planes: readonly Float32Array[];
}

export function LiveMosaic() {
  const { messages, run, outputDir } = useApp();
  const { t, number } = messages;
  const canvas = useRef<HTMLCanvasElement>(null);
  const cells = useRef(new Map<number, LiveCell>());
  const stretch = useRef<Stretch | undefined>(undefined);
  const [missing, setMissing] = useState(false);
  const { grid } = run;
  const factor = grid ? Math.max(1, Math.ceil(Math.max(grid.widthPx, grid.heightPx) / SIDE)) : 1;
  const [nx, ny] = grid ? [Math.ceil(grid.widthPx / factor), Math.ceil(grid.heightPx / factor)] : [4, 3];
  const done = run.cellsDone;

  useEffect(() => {
    cells.current = new Map();
    stretch.current = undefined;
    setMissing(false);
    canvas.current?.getContext('2d')?.clearRect(0, 0, canvas.current.width, canvas.current.height);
  }, [run.runId, grid === undefined]);

  useEffect(() => {
    if (!grid || run.status !== 'running' || !run.caughtUp) return undefined;
    const stop = new AbortController();
    const fetchCells = async (): Promise<void> => {
      for (let index = 0; index < done; index++) {
        if (stop.signal.aborted) return;
        if (cells.current.has(index)) continue;
        const rect = grid.cells[index];
        const got = await askNumbers('runs/canvas', {
          query: { dir: outputDir, ...rect, factor },
          signal: stop.signal,
        });
        const size = got.width * got.height;
        const planes = Array.from({ length: grid.planes }, (_, p) =>
          got.data.subarray(p * size, (p + 1) * size),
        );
        cells.current.set(index, { rect, width: got.width, height: got.height, planes });
        draw();
      }
    };
    fetchCells().catch(() => {
      // Without memmaps there is nothing to read; at the end the canvas goes.
      if (!stop.signal.aborted && cells.current.size === 0) setMissing(true);
    });
    return () => stop.abort();
  }, [grid, done, run.status, run.caughtUp]);

  function draw(): void {
    const context = canvas.current?.getContext('2d');
    if (!context || !grid) return;
    const all = [...cells.current.values()];
    // The first cells set the stretch; it follows while the picture is small.
    const power = Math.log2(all.length);
    if (!stretch.current || Number.isInteger(power)) {
      stretch.current = liveStretch(all);
      all.forEach(paint);
    } else paint(all[all.length - 1]);

    function paint({ rect, width, height, planes }: LiveCell): void {
      if (!context || !grid || !stretch.current) return;
      const image = context.createImageData(width, height);
      const binned = { nx: width, ny: height, factor, planes, footprint: planes[0] };
      const show = screenValues(binned, stretch.current);
      const row = new Uint8Array(4 * width);
      for (let y = 0; y < height; y++) {
        row.fill(0);
        show({ start: y * width, step: 1, length: width }, row, 4);
        const to = 4 * (height - 1 - y) * width;
        for (let x = 0; x < width; x++) {
          const grey = planes.length === 1;
          image.data[to + 4 * x] = row[4 * x];
          image.data[to + 4 * x + 1] = row[4 * x + (grey ? 0 : 1)];
          image.data[to + 4 * x + 2] = row[4 * x + (grey ? 0 : 2)];
          image.data[to + 4 * x + 3] = Number.isNaN(planes[0][y * width + x]) ? 0 : 255;
        }
      }
      const bottom = Math.round(rect.y0 / factor);
      context.putImageData(image, Math.round(rect.x0 / factor), ny - bottom - height);
    }
  }

  const next = run.status === 'running' && grid && done > 0 ? grid.cells[done] : undefined;
  return (
    <figure class="card live-mosaic">
      <div class="live-frame" style={{ aspectRatio: `${nx} / ${ny}` }}>
        <canvas
          ref={canvas}
          width={nx}
          height={ny}
          role="img"
          aria-label={t('gui_live_text', { done, total: grid?.cells.length ?? 0 })}
        />
        {grid && (
          <svg viewBox={`0 0 ${grid.widthPx} ${grid.heightPx}`} aria-hidden="true">
            {grid.cells.length <= 2000 &&
              grid.cells.map((rect, i) => (
                <rect
                  key={i}
                  class={i < done ? 'done' : ''}
                  x={rect.x0}
                  y={grid.heightPx - rect.y0 - rect.height}
                  width={rect.width}
                  height={rect.height}
                />
              ))}
            {next && (
              <rect
                class="next"
                x={next.x0}
                y={grid.heightPx - next.y0 - next.height}
                width={next.width}
                height={next.height}
              />
            )}
          </svg>
        )}
        {missing && <p class="overlay-note">{t('gui_live_none')}</p>}
        {!grid && <p class="overlay-note">{t('gui_live_waiting')}</p>}
      </div>
      {grid && (
        <figcaption class="muted">
          {t('gui_live_caption', {
            width: number(grid.widthPx),
            height: number(grid.heightPx),
            scale: number(grid.pixelScaleArcsec, 2),
          })}
        </figcaption>
      )}
    </figure>
  );
}
