// Where the frames lie, in the tangent plane about the middle of the mosaic: north up, east left, with the planned grid and its cells.
import { useMemo } from 'preact/hooks';
import { tangentPlane } from '../../../astrometry/wcs/tangent-plane.js';
import { useApp } from '../app-state.js';

type Corners = readonly (readonly [number, number])[];

/** Colours of groups in the style sheet; those next to each other in number differ. */
const GROUP_COLOURS = 6;

/** Degrees between the lines of the net: about four of them across the field. */
const STEPS = [0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10];

export function SkyMap({
  selected,
  select,
}: {
  readonly selected: string | undefined;
  select(path: string | undefined): void;
}) {
  const { messages, plan, excluded, run } = useApp();
  const { t, number } = messages;
  const made = plan.plan;
  const view = useMemo(() => {
    if (!made) return undefined;
    const plane = tangentPlane(made.grid.centerRaDeg, made.grid.centerDecDeg);
    // East is left on the sky seen from below, y grows downwards on a screen.
    const at = (corners: Corners): [number, number][] =>
      corners.flatMap(([ra, dec]) => {
        const standard = plane.project(ra, dec);
        return standard ? [[-standard[0], -standard[1]] as [number, number]] : [];
      });
    const outline = at(made.grid.corners);
    const xs = outline.map(([x]) => x);
    const ys = outline.map(([, y]) => y);
    const pad = 0.06 * Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    const box = {
      x: Math.min(...xs) - pad,
      y: Math.min(...ys) - pad,
      width: Math.max(...xs) - Math.min(...xs) + 2 * pad,
      height: Math.max(...ys) - Math.min(...ys) + 2 * pad,
    };
    return { at, outline, box };
  }, [made]);
  if (!made || !view)
    return <section class={`card sky ${plan.busy ? 'busy' : ''}`} aria-label={t('gui_sky_map')} />;
  const { box, at, outline } = view;
  const points = (corners: readonly (readonly [number, number])[]) =>
    corners.map((p) => p.join(',')).join(' ');
  const step = STEPS.find((candidate) => candidate * 4 > Math.max(box.width, box.height)) ?? 20;
  const groups = new Set(made.frames.list.flatMap(({ group }) => group ?? [])).size;
  const thin = Math.max(box.width, box.height) / 700;
  // What a run has solved lies better than the header said.
  const cornersOf = (path: string, planned: Corners | undefined) =>
    run.frames.get(path)?.measured?.corners ?? planned;
  return (
    <section class={`card sky ${plan.busy ? 'busy' : ''}`} aria-label={t('gui_sky_map')}>
      <h2>{t('gui_sky_map')}</h2>
      <svg
        viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
        role="img"
        aria-label={t('gui_sky_map_text', {
          count: made.frames.list.length,
          width: number((made.grid.widthPx * made.grid.pixelScaleArcsec) / 3600, 2),
          height: number((made.grid.heightPx * made.grid.pixelScaleArcsec) / 3600, 2),
        })}
        stroke-width={thin}
      >
        <Net box={box} step={step} />
        <g class="cells">
          {made.cells.corners.map((corners, i) => (
            <polygon key={i} points={points(at(corners))} />
          ))}
        </g>
        <polygon class="grid-outline" points={points(outline)} />
        <g class="footprints">
          {made.frames.list.map(({ path, corners, toSolve, group }) => {
            const sky = cornersOf(path, corners);
            if (!sky) return null;
            const colour = group === undefined ? '' : `group-${group % GROUP_COLOURS}`;
            const state = `${colour} ${excluded.has(path) ? 'left-out' : ''} ${toSolve ? 'guessed' : ''} ${selected === path ? 'selected' : ''}`;
            return (
              <polygon
                key={path}
                class={state}
                points={points(at(sky))}
                onClick={() => select(selected === path ? undefined : path)}
              >
                <title>
                  {path.split(/[\\/]/).at(-1)}
                  {groups > 1 && group !== undefined && ` · ${t('gui_group', { number: group + 1 })}`}
                </title>
              </polygon>
            );
          })}
        </g>
        <g
          class="compass"
          transform={`translate(${box.x + box.width - 26 * thin} ${box.y + box.height - 14 * thin})`}
        >
          <path d={`M0 0V${-40 * thin}M0 0H${-40 * thin}`} />
          <text y={-46 * thin} font-size={20 * thin}>
            N
          </text>
          <text x={-54 * thin} y={7 * thin} font-size={20 * thin}>
            E
          </text>
        </g>
      </svg>
      <p class="legend">
        <span class="key footprint">{t('gui_legend_footprint')}</span>
        {groups > 1 && <span class="muted">{t('gui_legend_groups', { count: groups })}</span>}
        {made.frames.list.some(({ toSolve }) => toSolve) && (
          <span class="key guessed">{t('gui_legend_guessed')}</span>
        )}
        <span class="key outline">{t('gui_fact_mosaic')}</span>
        <span class="key cell">{t('gui_legend_cell', { count: made.cells.count })}</span>
        <span class="muted">{t('gui_legend_net', { step: number(step, 2) })}</span>
      </p>
    </section>
  );
}

function Net({
  box,
  step,
}: {
  readonly box: { x: number; y: number; width: number; height: number };
  readonly step: number;
}) {
  const lines: string[] = [];
  for (let x = Math.ceil(box.x / step) * step; x < box.x + box.width; x += step)
    lines.push(`M${x} ${box.y}v${box.height}`);
  for (let y = Math.ceil(box.y / step) * step; y < box.y + box.height; y += step)
    lines.push(`M${box.x} ${y}h${box.width}`);
  return <path class="net" d={lines.join('')} />;
}
