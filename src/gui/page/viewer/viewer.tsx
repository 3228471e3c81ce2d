// The mosaic to walk about in: tiles from the server, stretched here, so that sliders answer at once and values are true.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { makeTanWcs } from '../../../astrometry/wcs/tan-wcs.js';
import type { Stretch } from '../../../output/picture/stretch.js';
import type { CatalogueStarMark, ImageInfo, LayerStatistics } from '../../api.js';
import { useApp } from '../app-state.js';
import { ask } from '../client.js';
import { codedMessageOf } from '../coded.js';
import { drawOverlays } from './draw-overlays.js';
import { drawTiles } from './draw-tiles.js';
import { Icon } from '../icons.js';
import { MatchedStars } from './matched-stars.js';
import { layerTitle, StretchPanel, stretchOf, type StretchSettings } from './stretch-panel.js';
import { TileStore } from './tile-store.js';
import { bounded, fitted, imageAt, zoomed, type Viewport } from './viewport.js';

export function Viewer({ image }: { readonly image: ImageInfo }) {
  const { messages, run, actions } = useApp();
  const { t, number } = messages;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [screen, setScreen] = useState({ width: 900, height: 560 });
  const [view, setView] = useState<Viewport>();
  const [layer, setLayer] = useState(image.layers[0]);
  const [statistics, setStatistics] = useState<LayerStatistics>();
  const [settings, setSettings] = useState<StretchSettings>();
  const [showFrames, setShowFrames] = useState(false);
  const [showStars, setShowStars] = useState(false);
  const [stars, setStars] = useState<readonly CatalogueStarMark[]>();
  const [cursor, setCursor] = useState<{ x: number; y: number }>();
  const [arrivals, setArrivals] = useState(0);
  const pictures = useRef(new Map<string, OffscreenCanvas>());
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const size = { width: image.nx, height: image.ny };
  const wcs = useMemo(() => image.wcs && makeTanWcs(image.wcs), [image]);
  const store = useMemo(
    () => new TileStore(image, layer, () => setArrivals((old) => old + 1)),
    [image, layer],
  );
  useEffect(() => () => store.close(), [store]);

  useEffect(() => {
    setStatistics(undefined);
    setSettings(undefined);
    pictures.current = new Map();
    ask<LayerStatistics>('image/statistics', { query: { path: image.path, hdu: layer.hdu } })
      .then((found) => {
        setStatistics(found);
        setSettings({ black: 0, white: 0, soft: 0, plane: 'all' });
      })
      .catch((error: unknown) => actions.tell(codedMessageOf(error), 'error'));
  }, [image, layer]);
  useEffect(() => {
    if (!showStars || stars) return;
    ask<CatalogueStarMark[]>('image/stars', { query: { path: image.path } })
      .then(setStars)
      .catch((error: unknown) => actions.tell(codedMessageOf(error), 'error'));
  }, [showStars]);
  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      setScreen({ width: Math.max(64, Math.round(width)), height: Math.max(64, Math.round(height)) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const current = view ?? fitted(size, screen);
  const stretch = useMemo<Stretch | undefined>(
    () => statistics && settings && stretchOf(statistics, settings),
    [statistics, settings],
  );
  useEffect(() => {
    pictures.current = new Map();
  }, [stretch, settings?.plane]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !stretch || !settings) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    element.width = Math.round(screen.width * ratio);
    element.height = Math.round(screen.height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const planes =
      layer.planes === 1 || settings.plane === 'all'
        ? Array.from({ length: layer.planes }, (_, p) => p)
        : [settings.plane];
    drawTiles(context, {
      image,
      store,
      view: current,
      screen,
      ratio,
      stretch,
      planes,
      pictures: pictures.current,
    });
    store.fetch();
    drawOverlays(context, {
      image,
      view: current,
      screen,
      wcs,
      footprints: showFrames ? [...run.frames.values()] : [],
      stars: showStars ? (stars ?? []) : [],
    });
  }, [
    current.cx,
    current.cy,
    current.scale,
    screen,
    stretch,
    settings,
    arrivals,
    showFrames,
    showStars,
    stars,
    run,
  ]);

  const place = (event: { clientX: number; clientY: number }): { x: number; y: number } => {
    const box = canvas.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const move = (next: Viewport): void => setView(bounded(next, size, screen));
  const zoom = (factor: number, at = { x: screen.width / 2, y: screen.height / 2 }): void =>
    move(zoomed(current, factor, at, screen));
  const onPointerMove = (event: PointerEvent): void => {
    const at = place(event);
    setCursor(at);
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const others = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    pointers.current.set(event.pointerId, at);
    if (others.length === 0) {
      move({
        ...current,
        cx: current.cx - (at.x - before.x) / current.scale,
        cy: current.cy - (at.y - before.y) / current.scale,
      });
    } else {
      const [other] = others;
      const gap = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y);
      zoom(gap(at) / (gap(before) || 1), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = 60 / current.scale;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => move({ ...current, cx: current.cx - step }),
      ArrowRight: () => move({ ...current, cx: current.cx + step }),
      ArrowUp: () => move({ ...current, cy: current.cy - step }),
      ArrowDown: () => move({ ...current, cy: current.cy + step }),
      '+': () => zoom(1.4),
      '-': () => zoom(1 / 1.4),
      '0': () => setView(undefined),
      '1': () => move({ ...current, scale: 1 }),
    };
    if (!Object.hasOwn(moves, event.key)) return;
    moves[event.key]();
    event.preventDefault();
  };

  // Without a pointer the middle of the screen is what is read.
  const at = cursor ?? { x: screen.width / 2, y: screen.height / 2 };
  const [px, py] = imageAt(current, at, screen);
  const [column, row] = [Math.floor(px), Math.floor(py)];
  const inside = column >= 0 && row >= 0 && column < image.nx && row < image.ny;
  const fitsRow = image.ny - 1 - row;
  const sky = inside && wcs ? wcs.pixelToSky(px + 0.5, image.ny - py + 0.5) : null;
  const found = inside ? valueAt(column, fitsRow) : undefined;

  /** Values from the finest tile that is there, and how many pixels they are a mean of. */
  function valueAt(x: number, y: number): { values: readonly number[]; factor: number } | undefined {
    for (let level = 0; level < image.levels; level++) {
      const [lx, ly] = [x >> level, y >> level];
      const tile = store.peek(level, Math.floor(lx / image.tileSize), Math.floor(ly / image.tileSize));
      if (!tile) continue;
      const index = (ly % image.tileSize) * tile.width + (lx % image.tileSize);
      return { values: tile.planes.map((plane) => plane[index]), factor: 2 ** level };
    }
    return undefined;
  }

  return (
    <section class="card viewer" aria-label={t('gui_viewer')}>
      <div class="viewer-tools">
        <div class="segmented words" role="group" aria-label={t('gui_layer')}>
          {image.layers.map((candidate) => (
            <button
              key={candidate.hdu}
              type="button"
              aria-pressed={candidate === layer}
              onClick={() => setLayer(candidate)}
            >
              {layerTitle(candidate.name, t)}
            </button>
          ))}
        </div>
        <label class="tick">
          <input
            type="checkbox"
            checked={showFrames}
            onChange={(event) => setShowFrames(event.currentTarget.checked)}
          />
          {t('gui_overlay_footprints')}
        </label>
        <label class="tick">
          <input
            type="checkbox"
            checked={showStars}
            onChange={(event) => setShowStars(event.currentTarget.checked)}
          />
          {t('gui_overlay_stars')}
        </label>
        <span class="grow" />
        <div class="segmented" role="group" aria-label={t('gui_zoom')}>
          <button
            type="button"
            aria-label={t('gui_zoom_out')}
            title={t('gui_zoom_out')}
            onClick={() => zoom(1 / 1.6)}
          >
            <Icon name="minus" />
          </button>
          <button
            type="button"
            aria-label={t('gui_zoom_in')}
            title={t('gui_zoom_in')}
            onClick={() => zoom(1.6)}
          >
            <Icon name="plus" />
          </button>
          <button
            type="button"
            aria-label={t('gui_zoom_fit')}
            title={t('gui_zoom_fit')}
            onClick={() => setView(undefined)}
          >
            <Icon name="fit" />
          </button>
          <button
            type="button"
            aria-label={`1:1, ${t('gui_zoom_one')}`}
            title={t('gui_zoom_one')}
            onClick={() => move({ ...current, scale: 1 })}
          >
            1:1
          </button>
        </div>
      </div>
      {showStars && stars && <MatchedStars stars={stars} />}
      <div class="viewer-body">
        <div class="viewer-screen">
          <canvas
            ref={canvas}
            tabIndex={0}
            role="application"
            aria-label={t('gui_viewer_keys')}
            onKeyDown={onKey}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              pointers.current.set(event.pointerId, place(event));
            }}
            onPointerMove={onPointerMove}
            onPointerUp={(event) => pointers.current.delete(event.pointerId)}
            onPointerCancel={(event) => pointers.current.delete(event.pointerId)}
            onPointerLeave={() => setCursor(undefined)}
            onDblClick={(event) => zoom(2, place(event))}
            onWheel={(event) => {
              event.preventDefault();
              zoom(Math.exp(-event.deltaY / 400), place(event));
            }}
          />
          {!stretch && <p class="overlay-note">{t('gui_viewer_reading')}</p>}
        </div>
        {statistics && settings && (
          <StretchPanel layer={layer} statistics={statistics} settings={settings} change={setSettings} />
        )}
      </div>
      <dl class="readout">
        <div>
          <dt>x, y</dt>
          <dd>{inside ? `${number(column + 1, 0)}, ${number(fitsRow + 1, 0)}` : '–'}</dd>
        </div>
        <div>
          <dt>RA · Dec</dt>
          <dd>{sky ? `${hours(sky[0])}  ${degrees(sky[1])}` : '–'}</dd>
        </div>
        <div class="readout-values">
          <dt>{layer.unit || t('gui_value')}</dt>
          <dd>
            {found
              ? found.values.map((value) => (Number.isNaN(value) ? '–' : messages.fixed(value, 2))).join('  ')
              : '–'}
            {found && found.factor > 1 && <small> {t('gui_value_mean', { count: found.factor })}</small>}
          </dd>
        </div>
        <div>
          <dt>{t('gui_zoom')}</dt>
          <dd>{number(100 * current.scale, current.scale < 0.1 ? 1 : 0)} %</dd>
        </div>
      </dl>
    </section>
  );
}

const two = (value: number) => String(Math.floor(value)).padStart(2, '0');

function sexagesimal(value: number, digits: number): [string, string, string] {
  const unit = 10 ** digits;
  const seconds = Math.round(value * 3600 * unit) / unit;
  const last = (seconds % 60).toFixed(digits).padStart(digits > 0 ? 3 + digits : 2, '0');
  return [two(seconds / 3600), two((seconds / 60) % 60), last];
}

function hours(raDeg: number): string {
  const [h, m, s] = sexagesimal(raDeg / 15, 2);
  return `${h}h ${m}m ${s}s`;
}

function degrees(decDeg: number): string {
  const [d, m, s] = sexagesimal(Math.abs(decDeg), 1);
  return `${decDeg < 0 ? '−' : '+'}${d}° ${m}′ ${s}″`;
}
