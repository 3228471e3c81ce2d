// A quantity of the frames in their order, with its median.
import { useApp } from '../app-state.js';

const [WIDTH, HEIGHT, PAD] = [320, 84, 4];

export function FramePlot({
  label,
  values,
  digits,
}: {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
  readonly digits: number;
}) {
  const { messages } = useApp();
  const { t, number } = messages;
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const [low, high, median] = [known[0], known[known.length - 1], known[known.length >> 1]];
  const y = (value: number) => HEIGHT - PAD - ((HEIGHT - 2 * PAD) * (value - low)) / (high - low || 1);
  const x = (i: number) => PAD + ((WIDTH - 2 * PAD) * (i + 0.5)) / values.length;
  return (
    <figure class="plot">
      <figcaption>
        <span>{label}</span>
        <span class="numbers">
          {t('gui_plot_range', {
            low: number(low, digits),
            median: number(median, digits),
            high: number(high, digits),
          })}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
        <path class="median" d={`M0 ${y(median)}H${WIDTH}`} />
        {values.map((value, i) =>
          value === undefined ? null : <path key={i} class="dot" d={`M${x(i)} ${y(value)}h0`} />,
        )}
      </svg>
    </figure>
  );
}
