// A row of small charts over one axis, as SVG text: no library is needed for three lines.

export interface Line {
  readonly title: string;
  /** x and y, both from 0 on. */
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 260;
const HEIGHT = 180;
const LEFT = 44;
const TOP = 28;
const BOTTOM = 34;

/** Charts side by side, each from 0 to beyond its largest value. */
export function lineChart(xTitle: string, lines: readonly Line[]): string {
  const charts = lines.map((line, i) => chart(line, xTitle, i * (WIDTH + 20)));
  const width = lines.length * (WIDTH + 20);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${HEIGHT}" fill="white"/>`,
    ...charts,
    '</svg>',
    '',
  ].join('\n');
}

function chart({ title, points }: Line, xTitle: string, at: number): string {
  const right = WIDTH - 8;
  const bottom = HEIGHT - BOTTOM;
  const xMax = roundUp(Math.max(...points.map(([x]) => x)));
  const yMax = roundUp(Math.max(...points.map(([, y]) => y), 1e-9));
  const x = (value: number) => (LEFT + (value / xMax) * (right - LEFT)).toFixed(1);
  const y = (value: number) => (bottom - (value / yMax) * (bottom - TOP)).toFixed(1);
  const ticks = [0, 0.5, 1];
  return [
    `<g transform="translate(${at} 0)">`,
    `<text x="${LEFT}" y="16" font-weight="bold">${title}</text>`,
    ...ticks.map(
      (t) =>
        `<path d="M${LEFT} ${y(t * yMax)}H${right}" stroke="#ddd"/>` +
        `<text x="${LEFT - 4}" y="${y(t * yMax)}" text-anchor="end" dy="4">${t * yMax}</text>` +
        `<text x="${x(t * xMax)}" y="${bottom + 14}" text-anchor="middle">${t * xMax}</text>`,
    ),
    `<text x="${(LEFT + right) / 2}" y="${bottom + 28}" text-anchor="middle">${xTitle}</text>`,
    `<polyline fill="none" stroke="#246" stroke-width="1.5" points="${points.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}"/>`,
    ...points.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="2.5" fill="#246"/>`),
    '</g>',
  ].join('\n');
}

/** The next of 1, 2, 4, 6, 8 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((m) => m * power).find((m) => m >= value) ?? 10 * power;
}
