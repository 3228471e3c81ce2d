// The joint adjustment: all frames of a run moved until the stars that they share, and those of the catalogue, agree.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import type { AdjustFrame, Adjustment, FrameAdjustment } from './adjust-types.js';
import { AdjustmentState } from './adjustment-state.js';
import { catalogueAround } from './catalogue-around.js';
import type { FrameModel } from './frame-model.js';
import {
  frameStatistics,
  givenScatter,
  scatterOf,
  type AdjustedFrames,
  type Scatter,
} from './frame-statistics.js';

/** A believed improvement: the residuals of given frames fall at least to this share of what they were. */
const IMPROVED = 0.95;
/** A frame held by fewer links keeps its WCS. */
const MIN_LINKS = 6;

export interface AdjustOptions {
  /** Given WCS: left alone, refined where that pays (residuals fall by more than the new numbers explain), or refined whatever happens. */
  readonly refine: 'off' | 'auto' | 'on';
  /** What is left of each link is told. */
  readonly withResiduals?: boolean;
}

/**
 * Stars that several frames show are links between these frames, catalogue stars are links to the sky; frames get a shift and a linear map each, all of
 * one camera one distortion (TAN-SIP of the order that the stars ask for), by robust least squares. Frames without enough links keep what they have.
 * The order of the frames is the order of the answer. Without a catalogue frames are only adjusted to each other.
 */
export function adjustFrames(
  frames: readonly AdjustFrame[],
  catalogue: StarCatalogue | undefined,
  { refine, withResiduals = false }: AdjustOptions,
): Adjustment {
  const given = frames.some(({ origin }) => origin === 'given');
  const solved = frames.some(({ origin }) => origin === 'solved');
  const untouched: Adjustment = {
    frames: frames.map((frame) => unadjusted(frame)),
    refined: false,
    givenBeforePx: NaN,
    givenAfterPx: NaN,
  };
  if (frames.length < 2 || (refine === 'off' && !solved)) return untouched;
  const state = adjusted(frames, (models) => catalogueStars(frames, models, catalogue), refine !== 'off');
  const found = { outcome: state.outcome, scatter: scatterOf(state.outcome) };
  const { before, after, links } = givenScatter(found.outcome, found.scatter);
  const figures = { givenBeforePx: before, givenAfterPx: after };
  if (!given || refine === 'off')
    return {
      frames: outcomes(state, frames, found, { moved: true, withResiduals }),
      refined: false,
      ...figures,
    };
  const pays = refine === 'on' ? links > 0 : believed(before, after, links, state.givenCount);
  if (pays)
    return {
      frames: outcomes(state, frames, found, { moved: true, withResiduals }),
      refined: true,
      ...figures,
    };
  if (!solved)
    return {
      ...untouched,
      frames: outcomes(state, frames, found, { moved: false, withResiduals }),
      ...figures,
    };
  const kept = adjusted(frames, () => found.outcome.catalogue, false);
  const ofKept = { outcome: kept.outcome, scatter: scatterOf(kept.outcome) };
  return {
    frames: outcomes(kept, frames, ofKept, { moved: true, withResiduals }),
    refined: false,
    ...figures,
  };
}

/** Links of two coordinates each against six numbers a frame, by the Bayesian information criterion, and by enough to matter. */
function believed(before: number, after: number, links: number, frames: number): boolean {
  if (!(after < IMPROVED * before)) return false;
  const values = 2 * links;
  return values * Math.log(before ** 2 / after ** 2) > 6 * frames * Math.log(values);
}

function adjusted(
  frames: readonly AdjustFrame[],
  starsAbout: (models: readonly FrameModel[]) => CatalogueStars | undefined,
  moveGiven: boolean,
): AdjustmentState {
  const state = new AdjustmentState(frames, starsAbout, moveGiven);
  state.linkWide();
  state.settle();
  state.linkNarrow();
  state.chooseDistortion();
  state.settle();
  return state;
}

function catalogueStars(
  frames: readonly AdjustFrame[],
  models: readonly FrameModel[],
  catalogue: StarCatalogue | undefined,
) {
  if (!catalogue) return undefined;
  const epochs = frames.flatMap(({ epoch }) => epoch ?? []).sort((a, b) => a - b);
  const circles = models.map(({ centre, unit, scale }) => ({ centre, radius: 1.05 * unit * scale }));
  return catalogueAround(catalogue, circles, epochs[epochs.length >> 1]);
}

function outcomes(
  state: AdjustmentState,
  frames: readonly AdjustFrame[],
  { outcome, scatter }: { readonly outcome: AdjustedFrames; readonly scatter: Scatter },
  { moved, withResiduals }: { readonly moved: boolean; readonly withResiduals: boolean },
): FrameAdjustment[] {
  const all = frameStatistics(outcome, scatter, withResiduals);
  return frames.map((frame, f) => {
    const { links, catalogueLinks, shared } = all[f];
    const wcs = moved && shared >= MIN_LINKS && state.moves(f) ? state.wcs(f) : undefined;
    return {
      wcs: wcs ?? frame.wcs,
      adjusted: wcs !== undefined,
      links,
      catalogueLinks,
      rmsBeforePx: all[f].rmsBeforePx,
      rmsPx: wcs ? all[f].rmsPx : all[f].rmsBeforePx,
      catalogueRmsPx: all[f].catalogueRmsPx,
      movedPx: wcs ? distance(frame, wcs) : 0,
      ...(all[f].residuals && { residuals: all[f].residuals }),
    };
  });
}

function unadjusted({ wcs }: AdjustFrame): FrameAdjustment {
  return {
    wcs,
    adjusted: false,
    links: 0,
    catalogueLinks: 0,
    rmsBeforePx: NaN,
    rmsPx: NaN,
    catalogueRmsPx: NaN,
    movedPx: 0,
  };
}

/** Root mean square distance of two WCS over the middle and the corners, pixels. */
function distance({ wcs, width, height }: AdjustFrame, other: AdjustFrame['wcs']): number {
  const [v, pixel] = [new Float64Array(3), new Float64Array(3)];
  let squares = 0;
  const places = [
    [(width + 1) / 2, (height + 1) / 2],
    [1, 1],
    [width, 1],
    [1, height],
    [width, height],
  ];
  for (const [x, y] of places) {
    if (!wcs.pixelToUnit(x, y, v) || !other.unitToPixel(v[0], v[1], v[2], pixel)) return NaN;
    squares += (pixel[0] - x) ** 2 + (pixel[1] - y) ** 2;
  }
  return Math.sqrt(squares / places.length);
}
