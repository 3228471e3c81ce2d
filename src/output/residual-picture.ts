// The residuals of an adjustment as a picture (SVG): an arrow a star, a panel a frame, and the mean field of all frames of one size.

export interface ResidualPanel {
  readonly name: string;
  /** Of the frame, pixels. */
  readonly width: number;
  readonly height: number;
  readonly rmsPx: number;
  /** Star (FITS pixel) and residual, pixels. */
  readonly residuals: {
    readonly x: Float32Array;
    readonly y: Float32Array;
    readonly dx: Float32Array;
    readonly dy: Float32Array;
  };
}

/** Panels of single frames; of a longer run the frames of the largest residuals. */
const MAX_PANELS = 60;
const COLUMNS = 6;
/** Longer side of a panel, and the room for its name, in units of the picture. */
const PANEL = 260;
const TITLE = 18;
const MARGIN = 10;
/** A residual of one pixel is drawn this long. */
const UNITS_PER_PIXEL = 40;
/** Squares of the mean field along the longer side. */
const SQUARES = 16;
/** Stars a square must have for its mean to say anything. */
const MIN_STARS = 3;

interface Arrow {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** The document. Rows of the file run downwards, as viewers of FITS files that start at the top show them. */
export function residualPicture(frames: readonly ResidualPanel[]): string {
  const linked = frames.filter(({ residuals }) => residuals.x.length > 0);
  const shown = [...linked]
    .sort((a, b) => (b.rmsPx || 0) - (a.rmsPx || 0))
    .slice(0, MAX_PANELS)
    .sort((a, b) => linked.indexOf(a) - linked.indexOf(b));
  const sizes = new Map(linked.map(({ width, height }) => [`${width} x ${height}`, { width, height }]));
  const panels = [
    ...[...sizes].map(([name, size]) => ({
      ...size,
      name: `${name} (${linked.filter((f) => f.width === size.width && f.height === size.height).length})`,
      arrows: meanField(linked.filter((f) => f.width === size.width && f.height === size.height)),
    })),
    ...shown.map((f) => ({
      width: f.width,
      height: f.height,
      name: Number.isNaN(f.rmsPx) ? f.name : `${f.name}  ${f.rmsPx.toFixed(3)} px`,
      arrows: Array.from(f.residuals.x, (x, i) => ({
        x,
        y: f.residuals.y[i],
        dx: f.residuals.dx[i],
        dy: f.residuals.dy[i],
      })),
    })),
  ];
  const step = PANEL + MARGIN;
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * step + MARGIN, rows * (step + TITLE) + MARGIN + 30];
  const body = panels.map((panel, i) => {
    const [x, y] = [MARGIN + (i % COLUMNS) * step, MARGIN + Math.floor(i / COLUMNS) * (step + TITLE)];
    return `<g transform="translate(${x} ${y})">${drawn(panel)}</g>`;
  });
  const bar = `<g transform="translate(${MARGIN} ${height - 15})"><path class="bar" d="M0 0h${UNITS_PER_PIXEL}"/><text x="${UNITS_PER_PIXEL + 6}" y="4">1 px</text></g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>rect{fill:#fff;stroke:#999}text{font:11px sans-serif;fill:#222}path{stroke:#c33;stroke-width:.8;fill:none}circle{fill:#235}.bar{stroke:#222;stroke-width:2}</style>
<rect width="${width}" height="${height}" style="stroke:none"/>
${body.join('\n')}
${bar}
</svg>
`;
}

function drawn({
  name,
  width,
  height,
  arrows,
}: {
  name: string;
  width: number;
  height: number;
  arrows: readonly Arrow[];
}): string {
  const scale = PANEL / Math.max(width, height);
  const n = (value: number) => value.toFixed(1);
  const lines = arrows.map(({ x, y, dx, dy }) => {
    const [px, py] = [n(x * scale), n(y * scale)];
    return `<circle cx="${px}" cy="${py}" r=".9"/><path d="M${px} ${py}l${n(dx * UNITS_PER_PIXEL)} ${n(dy * UNITS_PER_PIXEL)}"/>`;
  });
  return `<text y="12">${escaped(name)}</text><g transform="translate(0 ${TITLE})"><rect width="${n(width * scale)}" height="${n(height * scale)}"/>${lines.join('')}</g>`;
}

/** Mean residual of the stars in each square of the frame: what a better distortion would take away. */
function meanField(frames: readonly ResidualPanel[]): Arrow[] {
  const { width, height } = frames[0];
  const side = Math.max(width, height) / SQUARES;
  const [nx, ny] = [Math.ceil(width / side), Math.ceil(height / side)];
  const sums = new Float64Array(3 * nx * ny);
  for (const { residuals } of frames) {
    for (let i = 0; i < residuals.x.length; i++) {
      const column = Math.min(nx - 1, Math.max(0, Math.floor(residuals.x[i] / side)));
      const row = Math.min(ny - 1, Math.max(0, Math.floor(residuals.y[i] / side)));
      const at = 3 * (row * nx + column);
      sums[at] += residuals.dx[i];
      sums[at + 1] += residuals.dy[i];
      sums[at + 2]++;
    }
  }
  const arrows: Arrow[] = [];
  for (let k = 0; k < nx * ny; k++) {
    const count = sums[3 * k + 2];
    if (count < MIN_STARS) continue;
    arrows.push({
      x: ((k % nx) + 0.5) * side,
      y: (Math.floor(k / nx) + 0.5) * side,
      dx: sums[3 * k] / count,
      dy: sums[3 * k + 1] / count,
    });
  }
  return arrows;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
