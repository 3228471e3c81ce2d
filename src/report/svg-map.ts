// Small pictures of the mosaic's plane as SVG text: outlines, and coloured dots for what was measured in places.

/** A place, 0-based mosaic pixels, with a value that is shown between -1 (blue) and 1 (red), 0 grey. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

const WIDTH = 560;
const DOT_PX = 3.5;
/** More outlines than this are one black surface. */
const MAX_OUTLINES = 400;

/** The plane of an `nx` x `ny` mosaic, first row at the bottom: `outlines` as x, y pairs, then the dots over them. */
export function svgMap(
  nx: number,
  ny: number,
  outlines: readonly Float64Array[],
  dots: readonly Dot[] = [],
): string {
  const scale = WIDTH / nx;
  const height = Math.round(ny * scale);
  const at = (x: number, y: number) => `${(x * scale).toFixed(1)},${(height - y * scale).toFixed(1)}`;
  const stride = Math.max(1, Math.ceil(outlines.length / MAX_OUTLINES));
  const shapes = outlines
    .filter((_, i) => i % stride === 0)
    .map((outline) => {
      const points = Array.from({ length: outline.length / 2 }, (_, k) =>
        at(outline[2 * k], outline[2 * k + 1]),
      );
      return `<polygon points="${points.join(' ')}" fill="none" stroke="#888" stroke-opacity="0.45"/>`;
    });
  const marks = dots.map(({ x, y, value }) => {
    const [cx, cy] = at(x, y).split(',');
    return `<circle cx="${cx}" cy="${cy}" r="${DOT_PX}" fill="${colour(value)}"/>`;
  });
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">` +
    `<rect width="${WIDTH}" height="${height}" fill="none" stroke="#444"/>${shapes.join('')}${marks.join('')}</svg>`
  );
}

/** Blue over grey to red; what is no number is white. */
function colour(value: number): string {
  if (Number.isNaN(value)) return '#fff';
  const v = Math.min(1, Math.max(-1, value));
  const mix = (from: number, to: number) => Math.round(from + (to - from) * Math.abs(v));
  return v >= 0
    ? `rgb(${mix(170, 214)},${mix(170, 39)},${mix(170, 40)})`
    : `rgb(${mix(170, 31)},${mix(170, 90)},${mix(170, 200)})`;
}
