// The ragged borders of panels from an alt-azimuth mount, taken out of the finished canvases (altaz_cleanup_enabled).
import type { RunConfig } from '../../config/table.js';
import { clusterFrame, panelClusters } from '../grouping/plan-groups.js';
import { blankPixels } from '../canvas/blank-pixels.js';
import type { Canvases } from '../canvas/canvas.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import { outlineOnGrid } from '../planning/grid/output-grid.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';
import type { PlannedRun } from '../planning/planned-run.js';
import type { RunContext } from '../run-context.js';
import { altazMask } from './altaz-mask.js';

/** Frames of a panel that are turned by more than this against each other tell a mount that does not follow the sky's rotation, degrees. */
const TURNED_DEG = 1;

/** Blanks what too few frames of alt-azimuth panels cover and no other frame reaches; says how much that was. */
export async function cleanAltazEdges(
  { config, sink }: Pick<RunContext, 'config' | 'sink'>,
  { frames, plan: { grid } }: Pick<PlannedRun, 'frames' | 'plan'>,
  canvases: Canvases,
): Promise<void> {
  const panels = altazPanels(frames, config);
  if (panels.length === 0) {
    sink.emit({ type: 'notice', message: { code: 'pipeline_altaz_none', params: {} } });
    return;
  }
  const outlines = frames.map((frame) => outlineOnGrid(frameExtent(frame, config), grid));
  const ofPanels = new Set(panels.flat());
  const keep = altazMask(
    panels.map((panel) => panel.map((f) => outlines[f])),
    outlines.filter((_, f) => !ofPanels.has(f)),
    grid.nx,
    grid.ny,
  );
  const { covered, blanked } = await blankPixels(canvases, (y) => keep(y).map((kept) => 1 - kept));
  const percent = Number(((100 * blanked) / Math.max(1, covered)).toPrecision(3));
  sink.emit({
    type: 'notice',
    message: { code: 'pipeline_altaz_cleaned', params: { panels: panels.length, percent } },
  });
}

/** Panels of frames of which the header or, by `altaz_unknown_policy`, their turning says that the mount was an alt-azimuth one. */
export function altazPanels(
  frames: readonly PlacedFrame[],
  config: Pick<RunConfig, 'altaz_unknown_policy' | 'cluster_panel_threshold'>,
): number[][] {
  const policy = config.altaz_unknown_policy;
  const facts = frames.map(clusterFrame);
  return panelClusters(facts, config.cluster_panel_threshold).flatMap((panel) => {
    const turned =
      policy === 'on' ||
      (policy === 'auto' && spreadDeg(panel.map((f) => facts[f].orientationDeg)) > TURNED_DEG);
    const members = panel.filter((f) => (facts[f].mount ?? (turned ? 'altaz' : 'eq')) === 'altaz');
    return members.length > 0 ? [members] : [];
  });
}

/** Range of angles modulo half a turn, which a meridian flip makes: the circle less its largest gap. */
function spreadDeg(angles: readonly number[]): number {
  const sorted = angles.map((angle) => ((angle % 180) + 180) % 180).sort((a, b) => a - b);
  const gaps = sorted.map((angle, i) => (i + 1 < sorted.length ? sorted[i + 1] : sorted[0] + 180) - angle);
  return 180 - Math.max(...gaps);
}
