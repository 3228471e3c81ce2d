// A row of small charts over one logarithmic axis, as SVG text: no library is needed for three lines.

type Point = readonly [number, number];

export interface Line {
  readonly title: string;
  /** x and y: x > 0, y from 0 on. */
  readonly points: readonly Point[];
  /** Of something else: hollow, and joined to nothing. */
  readonly apart?: readonly Point[];
}

const WIDTH = 260;
const HEIGHT = 180;
const LEFT = 44;
const TOP = 28;
const BOTTOM = 34;

/** Charts side by side: y from 0 to beyond the largest value, x over whole powers of ten. */
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

function chart({ title, points, apart = [] }: Line, xTitle: string, at: number): string {
  const right = WIDTH - 8;
  const bottom = HEIGHT - BOTTOM;
  const all = [...points, ...apart];
  const powers = all.map(([x]) => Math.log10(x));
  const first = Math.floor(Math.min(...powers));
  const last = Math.max(first + 1, Math.ceil(Math.max(...powers)));
  const yMax = roundUp(Math.max(...all.map(([, y]) => y), 1e-9));
  const x = (value: number) =>
    (LEFT + ((Math.log10(value) - first) / (last - first)) * (right - LEFT)).toFixed(1);
  const y = (value: number) => (bottom - (value / yMax) * (bottom - TOP)).toFixed(1);
  const ticks = [0, 0.5, 1];
  const decades = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return [
    `<g transform="translate(${at} 0)">`,
    `<text x="${LEFT}" y="16" font-weight="bold">${title}</text>`,
    ...ticks.map(
      (t) =>
        `<path d="M${LEFT} ${y(t * yMax)}H${right}" stroke="#ddd"/>` +
        `<text x="${LEFT - 4}" y="${y(t * yMax)}" text-anchor="end" dy="4">${Number((t * yMax).toPrecision(6))}</text>`,
    ),
    ...decades.map((d) => `<text x="${x(d)}" y="${bottom + 14}" text-anchor="middle">${d}</text>`),
    `<text x="${(LEFT + right) / 2}" y="${bottom + 28}" text-anchor="middle">${xTitle}</text>`,
    `<polyline fill="none" stroke="#246" stroke-width="1.5" points="${points.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}"/>`,
    ...points.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="2.5" fill="#246"/>`),
    ...apart.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="2.5" fill="white" stroke="#246"/>`),
    '</g>',
  ].join('\n');
}

/** The next of 1, 2, 4, 6, 8 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((m) => m * power).find((m) => m >= value) ?? 10 * power;
}
