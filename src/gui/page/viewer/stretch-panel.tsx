// Sliders of the stretch over the histogram, and the choice of the channel.
import type { Stretch } from '../../../output/picture/stretch.js';
import type { ImageLayer, LayerStatistics } from '../../api.js';
import { useApp } from '../app-state.js';

/** Where the sliders stand, each -100 to 100; 0 is the preview's own stretch. */
export interface StretchSettings {
  readonly black: number;
  readonly white: number;
  readonly soft: number;
  readonly plane: 'all' | number;
}

const CHANNELS = ['R', 'G', 'B'];

/** The name of a layer in words, where we have some. */
export function layerTitle(name: string, t: (key: string) => string): string {
  const known: Readonly<Record<string, string>> = {
    MOSAIC: 'report_output_science',
    COVERAGE: 'report_output_coverage',
    UNCERTAINTY: 'report_output_uncertainty',
    REJECTED_LOW: 'report_output_rejected_low',
    REJECTED_HIGH: 'report_output_rejected_high',
  };
  return Object.hasOwn(known, name) ? t(known[name]) : name.toLowerCase().replaceAll('_', ' ');
}

/** The stretch that the sliders describe: black moves by a share of the range between sky and white, white and softness by factors. */
export function stretchOf({ stretch, planes }: LayerStatistics, settings: StretchSettings): Stretch {
  const base: Stretch = stretch ?? {
    sky: planes.map(() => 0),
    gains: planes.map(() => 1),
    black: planes[0].low,
    white: planes[0].high > planes[0].low ? planes[0].high : planes[0].low + 1,
    // Maps are shown as they are: linear.
    asinhA: 1e3,
  };
  const sky = Math.max(planes[0].sigma, (base.white - base.black) * 1e-3);
  const black = base.black + (settings.black / 100) * 8 * sky;
  const range = (base.white - base.black) * 10 ** (-settings.white / 50);
  return {
    ...base,
    black,
    white: black + range,
    asinhA: base.asinhA * 10 ** (-settings.soft / 40),
  };
}

export function StretchPanel({
  layer,
  statistics,
  settings,
  change,
}: {
  readonly layer: ImageLayer;
  readonly statistics: LayerStatistics;
  readonly settings: StretchSettings;
  change(settings: StretchSettings): void;
}) {
  const { messages } = useApp();
  const { t, number } = messages;
  const slider = (name: 'black' | 'white' | 'soft') => (
    <label class="slider">
      <span>{t(`gui_stretch_${name}`)}</span>
      <input
        type="range"
        min={-100}
        max={100}
        value={settings[name]}
        onInput={(event) => change({ ...settings, [name]: Number(event.currentTarget.value) })}
        onDblClick={() => change({ ...settings, [name]: 0 })}
      />
    </label>
  );
  return (
    <aside class="stretch" aria-label={t('gui_stretch')}>
      <Histogram statistics={statistics} />
      {slider('black')}
      {slider('white')}
      {slider('soft')}
      {layer.planes === 3 && (
        <div class="segmented words" role="group" aria-label={t('gui_channel')}>
          <button
            type="button"
            aria-pressed={settings.plane === 'all'}
            onClick={() => change({ ...settings, plane: 'all' })}
          >
            RGB
          </button>
          {CHANNELS.map((name, plane) => (
            <button
              key={name}
              type="button"
              aria-pressed={settings.plane === plane}
              onClick={() => change({ ...settings, plane })}
            >
              {name}
            </button>
          ))}
        </div>
      )}
      <button
        type="button"
        class="quiet small"
        onClick={() => change({ black: 0, white: 0, soft: 0, plane: 'all' })}
      >
        {t('gui_stretch_reset')}
      </button>
      <dl class="layer-facts">
        {statistics.planes.map(({ sky, sigma }, p) => (
          <div key={p}>
            <dt>{layer.planes === 3 ? CHANNELS[p] : t('gui_value')}</dt>
            <dd>
              {number(sky, 2)} ± {number(sigma, 2)}
            </dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

const [WIDTH, HEIGHT] = [128, 48];

function Histogram({ statistics }: { readonly statistics: LayerStatistics }) {
  const { messages } = useApp();
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={messages.t('gui_histogram')}
    >
      {statistics.planes.map(({ histogram }, p) => {
        // Counts by their logarithm: the stars are one in a thousand.
        const most = Math.log1p(Math.max(1, ...histogram));
        const points = histogram.map(
          (count, i) =>
            `${(WIDTH * i) / (histogram.length - 1)},${HEIGHT - ((HEIGHT - 2) * Math.log1p(count)) / most}`,
        );
        const colour = statistics.planes.length === 3 ? ['red', 'green', 'blue'][p] : 'grey';
        return <polyline key={p} class={colour} points={points.join(' ')} />;
      })}
    </svg>
  );
}
