// The kernels that a run announces are those of its programs, for every setting and sensor.
import { describe, expect, it } from 'vitest';
import { SAMPLE_I16 } from '../../../src/compute/contracts/decode.js';
import type { FrameRecord } from '../../../src/frames/frame-record.js';
import { frameProgram } from '../../../src/pipeline/integrate/programs/frame-program.js';
import type {
  IntegrationFrame,
  SensorLayout,
} from '../../../src/pipeline/integrate/windows/integration-frame.js';
import { stackProgram } from '../../../src/pipeline/integrate/programs/stack-program.js';
import { stackSettings, warpSettings } from '../../../src/pipeline/planning/mosaic-plan.js';
import { requiredStems } from '../../../src/pipeline/planning/required-stems.js';
import { configOf } from '../../end-to-end/support.js';

type Record = Pick<FrameRecord, 'planes' | 'sensor'>;

const FRAMES: { [K in SensorLayout['kind']]: { record: Record; layout: SensorLayout } } = {
  mono: { record: { planes: 1, sensor: { kind: 'mono' } }, layout: { kind: 'mono' } },
  rgb: { record: { planes: 3, sensor: { kind: 'rgb' } }, layout: { kind: 'rgb' } },
  cfa: {
    record: { planes: 1, sensor: { kind: 'cfa', pattern: 'RGGB', sites: [0, 1, 1, 2] } },
    layout: { kind: 'cfa', pattern: 0b10_01_01_00 },
  },
};

const SETTINGS = ['direct', 'bilinear', 'edge_aware'].flatMap((demosaic) =>
  [
    ...['none', 'kappa_sigma', 'winsorized_sigma_clip', 'linear_fit_clip'],
    ...['mad_clip', 'esd', 'percentile_clip', 'min_max'],
  ].flatMap((rejection) =>
    ['mean', 'median'].flatMap((combine) =>
      [
        [true, false],
        [false, false],
        [true, true],
      ].map(([hotPixels, radial]) => ({
        input_dir: '.',
        output_dir: './out',
        demosaic_method: demosaic,
        stacking_rejection_algorithm: rejection,
        stacking_final_combine_method: combine,
        hot_pixel_correction: hotPixels,
        apply_radial_weight: radial,
      })),
    ),
  ),
);

const ALL_SETTINGS = [
  ...SETTINGS.map((settings) => ({ ...settings, drizzle: false })),
  ...SETTINGS.filter(
    ({ demosaic_method, stacking_final_combine_method }) =>
      demosaic_method === 'direct' && stacking_final_combine_method === 'mean',
  ).map((settings) => ({ ...settings, drizzle: true })),
];

/** The stems of the programs that a cell of one such frame runs. */
function programStems(settings: (typeof ALL_SETTINGS)[number], layout: SensorLayout): string[] {
  const config = configOf(settings);
  const planes = layout.kind === 'mono' ? 1 : 3;
  const frame = {
    nx: 32,
    ny: 32,
    sensor: layout,
    hotPixelThresholds: config.hot_pixel_correction ? [1, 1, 1, 1] : undefined,
    levels: Array.from({ length: planes }, () => ({ gain: 1, terms: new Float64Array(6) })),
    weights: new Array<number>(planes).fill(1),
    inverseVariances: new Array<number>(planes).fill(1),
    varianceFactors: new Array<number>(planes).fill(1),
  } as unknown as IntegrationFrame;
  const cube = { label: 'cube', element: 'f32', length: 4 * planes } as const;
  const lanczos = { label: 'lanczos', element: 'f32', length: 1 } as const;
  const rect = { x0: 0, y0: 0, width: 2, height: 2 };
  const samples =
    layout.kind === 'rgb'
      ? ({ form: 'physical', values: new Float32Array(12) } as const)
      : ({
          form: 'stored',
          bytes: new Uint8Array(8),
          sampleType: SAMPLE_I16,
          scale: 1,
          zero: 0,
          blank: undefined,
        } as const);
  const image = { label: 'image', element: 'f32', length: 12 } as const;
  const item = { frame, slot: 0, rect, samples, map: new Float32Array(20) };
  const drops = [{ ...item, image }];
  const ops = [
    ...frameProgram(rect, { cube, lanczos, slots: 1 }, item, warpSettings(config)),
    ...stackProgram(
      cube,
      { width: 2, height: 2, planes, slots: 1 },
      {
        weights: new Float32Array(planes),
        inverseVariances: new Float32Array(planes),
        places: [{ map: item.map, nx: 32, ny: 32 }],
        drops,
      },
      stackSettings(config),
    ),
  ];
  return ops.flatMap((op) => (op.op === 'kernel' ? [op.stem] : []));
}

describe('the kernels that a run needs', () => {
  for (const [kind, { record, layout }] of Object.entries(FRAMES)) {
    it(`are those of its programs: ${kind}`, () => {
      for (const settings of ALL_SETTINGS) {
        expect(requiredStems(configOf(settings), [record])).toEqual(programStems(settings, layout));
      }
    });
  }

  it('are named once, however many frames need them', () => {
    const [settings] = SETTINGS;
    const one = requiredStems(configOf(settings), [FRAMES.cfa.record]);
    expect(requiredStems(configOf(settings), [FRAMES.cfa.record, FRAMES.cfa.record])).toEqual(one);
    expect(new Set(one).size).toBe(one.length);
  });
});
