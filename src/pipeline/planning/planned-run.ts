// What a run has settled before it integrates; all that comes after goes by it.
import type { FrameGroups } from '../grouping/frame-groups.js';
import type { IntegrationPlan } from './integration-plan.js';
import type { MosaicPlan } from './mosaic-plan.js';
import type { MeasuredFrame } from './grid/placed-frame.js';

export interface PlannedRun {
  /** The frames of the mosaic, without what only the plan has needed of them. */
  readonly frames: readonly MeasuredFrame[];
  readonly plan: MosaicPlan;
  /** What is stacked apart. */
  readonly groups: FrameGroups | undefined;
  readonly integration: IntegrationPlan;
  /** Files looked at. */
  readonly total: number;
  /** WCS of headers were refined. */
  readonly headersRefined: boolean | undefined;
}
