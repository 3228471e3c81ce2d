// Every file of the input: used or not and why, what it looks like, how good it is. Rows outside the screen are not drawn.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CodedMessage } from '../../../config/errors.js';
import type { PlannedFrame } from '../../../report/summaries.js';
import type { FrameLook } from '../../api.js';
import { useApp } from '../app-state.js';
import { ask } from '../client.js';

const ROW_PX = 64;
const SPARE_ROWS = 4;

interface FrameRow {
  readonly path: string;
  readonly frame?: PlannedFrame;
  readonly reason?: CodedMessage;
}

/** Looks are kept for the session: a frame does not change. */
const looks = new Map<string, FrameLook>();

export function FramesTable({
  selected,
  select,
}: {
  readonly selected: string | undefined;
  select(path: string | undefined): void;
}) {
  const { messages, plan, excluded, actions, run } = useApp();
  const { t, number } = messages;
  const [top, setTop] = useState(0);
  const [filter, setFilter] = useState<'all' | 'used' | 'refused'>('all');
  const [height, setHeight] = useState(560);
  const box = useRef<HTMLDivElement>(null);
  const made = plan.plan;
  const rows = useMemo<readonly FrameRow[]>(() => {
    if (!made) return [];
    const used = made.frames.list.map((frame) => ({ path: frame.path, frame }));
    const refused = made.frames.rejected.map(({ path, reason }) => ({ path, reason }));
    return [...used, ...refused];
  }, [made]);
  const shown = rows.filter(
    ({ path, reason }) =>
      filter === 'all' || (filter === 'refused') === (reason !== undefined || excluded.has(path)),
  );
  useEffect(() => {
    const at = shown.findIndex(({ path }) => path === selected);
    if (at >= 0) box.current?.scrollTo({ top: Math.max(0, at * ROW_PX - height / 2), behavior: 'smooth' });
  }, [selected]);
  useEffect(() => {
    if (box.current) setHeight(box.current.clientHeight);
  }, [made]);
  if (!made) return null;

  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS);
  const last = Math.min(shown.length, Math.ceil((top + height) / ROW_PX) + SPARE_ROWS);
  const setUsed = (paths: readonly string[], use: boolean): void => {
    const next = new Set(excluded);
    for (const path of paths)
      if (use) next.delete(path);
      else next.add(path);
    actions.exclude(next);
  };
  const usable = shown.flatMap(({ path, frame }) => (frame ? [path] : []));
  return (
    <section class="card frames" aria-label={t('gui_frames')}>
      <header>
        <h2>{t('gui_frames')}</h2>
        <div class="segmented words" role="group" aria-label={t('gui_frames_filter')}>
          {(['all', 'used', 'refused'] as const).map((name) => (
            <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>
              {t(`gui_frames_${name}`)}
            </button>
          ))}
        </div>
        <span class="grow" />
        <button type="button" class="quiet small" onClick={() => setUsed(usable, true)}>
          {t('gui_frames_use_all')}
        </button>
        <button type="button" class="quiet small" onClick={() => setUsed(usable, false)}>
          {t('gui_frames_use_none')}
        </button>
      </header>
      <div
        class="frames-scroll"
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={t('gui_frames')}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <table aria-rowcount={shown.length}>
          <thead>
            <tr>
              <th scope="col">{t('gui_frames_use')}</th>
              <th scope="col">{t('gui_frames_look')}</th>
              <th scope="col">{t('gui_frames_file')}</th>
              <th scope="col" class="num">
                {t('gui_frames_stars')}
              </th>
              <th scope="col" class="num">
                FWHM
              </th>
              <th scope="col" class="num">
                {t('gui_frames_shape')}
              </th>
              <th scope="col" class="num">
                {t('gui_frames_sky')}
              </th>
            </tr>
          </thead>
          <tbody>
            {first > 0 && <tr aria-hidden="true" style={{ height: `${first * ROW_PX}px` }} />}
            {shown.slice(first, last).map((row, i) => (
              <Row
                key={row.path}
                row={row}
                index={first + i}
                used={!row.reason && !excluded.has(row.path)}
                selected={selected === row.path}
                measured={run.frames.get(row.path)?.measured}
                onUse={(use) => setUsed([row.path], use)}
                onSelect={() => select(selected === row.path ? undefined : row.path)}
              />
            ))}
            {last < shown.length && (
              <tr aria-hidden="true" style={{ height: `${(shown.length - last) * ROW_PX}px` }} />
            )}
          </tbody>
        </table>
      </div>
      <p class="muted foot">
        {t('gui_frames_count', {
          used: number(made.frames.list.length - excluded.size),
          total: number(made.frames.total),
        })}
      </p>
    </section>
  );
}

interface RowProps {
  readonly row: FrameRow;
  readonly index: number;
  readonly used: boolean;
  readonly selected: boolean;
  readonly measured:
    | {
        readonly stars: number;
        readonly fwhmPx?: number;
        readonly ellipticity?: number;
        readonly background: number;
      }
    | undefined;
  onUse(use: boolean): void;
  onSelect(): void;
}

function Row({ row, index, used, selected, measured, onUse, onSelect }: RowProps) {
  const { messages } = useApp();
  const { t } = messages;
  const [look, setLook] = useState<FrameLook | undefined>(looks.get(row.path));
  const canLook = row.frame !== undefined;
  useEffect(() => {
    if (!canLook || looks.has(row.path)) return undefined;
    const stop = new AbortController();
    ask<FrameLook>('frames/look', { query: { path: row.path }, signal: stop.signal })
      .then((found) => {
        looks.set(row.path, found);
        setLook(found);
      })
      .catch(() => undefined); // The row is complete without its picture.
    return () => stop.abort();
  }, [row.path]);
  const quality = measured ?? look;
  const name = row.path.split(/[\\/]/).at(-1);
  const value = (amount: number | undefined, digits: number) =>
    amount === undefined ? '–' : messages.fixed(amount, digits);
  return (
    <tr
      aria-rowindex={index + 1}
      class={`${used ? '' : 'unused'} ${selected ? 'selected' : ''}`}
      onClick={onSelect}
    >
      <td class="use">
        {row.frame && (
          <input
            type="checkbox"
            checked={used}
            aria-label={`${t('gui_frames_use')}: ${name}`}
            onClick={(event) => event.stopPropagation()}
            onChange={(event) => onUse(event.currentTarget.checked)}
          />
        )}
      </td>
      <td class="look">
        {look?.thumbnail ? (
          <img src={`data:image/png;base64,${look.thumbnail}`} alt="" />
        ) : (
          <i class="no-look" />
        )}
      </td>
      <td class="file">
        <span class="name">{name}</span>
        <small class={row.reason || look?.reason ? 'reason' : ''}>
          {row.reason
            ? messages.message(row.reason)
            : look?.reason
              ? messages.message(look.reason)
              : describe(row.frame, messages)}
        </small>
      </td>
      <td class="num">{value(quality?.stars, 0)}</td>
      <td class="num">{value(quality?.fwhmPx, 2)}</td>
      <td class="num">{value(quality?.ellipticity, 2)}</td>
      <td class="num">{value(quality?.background, 0)}</td>
    </tr>
  );
}

function describe(
  frame: PlannedFrame | undefined,
  { t, number }: ReturnType<typeof useApp>['messages'],
): string {
  if (!frame) return '';
  return [
    frame.object,
    frame.exposureS !== undefined && `${number(frame.exposureS, 1)} s`,
    frame.filter,
    frame.dateObs?.replace('T', ' ').slice(0, 19),
    frame.toSolve && t('gui_frames_to_solve'),
  ]
    .filter(Boolean)
    .join(' · ');
}
