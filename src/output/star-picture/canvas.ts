// An RGB picture in memory that rings, lines and small labels are drawn into, with soft edges.
import { glyphOf, GLYPH_HEIGHT, GLYPH_WIDTH } from './glyphs.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** Coordinates: x to the right, y down, centre of the first pixel = (0, 0). */
export class Canvas {
  /** Three bytes a pixel. */
  readonly pixels: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8Array(3 * width * height);
  }

  ring(x: number, y: number, radius: number, thickness: number, colour: Colour): void {
    const reach = radius + thickness;
    this.#shade(x - reach, y - reach, x + reach, y + reach, colour, 1, (px, py) =>
      Math.min(1, thickness / 2 + 0.5 - Math.abs(Math.hypot(px - x, py - y) - radius)),
    );
  }

  /** A square on its corner. */
  diamond(x: number, y: number, radius: number, thickness: number, colour: Colour): void {
    const reach = radius + thickness;
    this.#shade(x - reach, y - reach, x + reach, y + reach, colour, 1, (px, py) => {
      const distance = Math.abs(Math.abs(px - x) + Math.abs(py - y) - radius) / Math.SQRT2;
      return Math.min(1, thickness / 2 + 0.5 - distance);
    });
  }

  line(x0: number, y0: number, x1: number, y1: number, thickness: number, colour: Colour, opacity = 1): void {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy || 1;
    const reach = thickness;
    this.#shade(
      Math.min(x0, x1) - reach,
      Math.min(y0, y1) - reach,
      Math.max(x0, x1) + reach,
      Math.max(y0, y1) + reach,
      colour,
      opacity,
      (px, py) => {
        const along = Math.min(1, Math.max(0, ((px - x0) * dx + (py - y0) * dy) / length2));
        return Math.min(1, thickness / 2 + 0.5 - Math.hypot(px - x0 - along * dx, py - y0 - along * dy));
      },
    );
  }

  /** Digits and signs, upper left corner at (x, y), on a darkened ground. */
  label(text: string, x: number, y: number, scale: number, colour: Colour): void {
    const [left, top] = [Math.round(x), Math.round(y)];
    this.#shade(
      left - scale,
      top - scale,
      left + labelWidth(text, scale),
      top + scale * GLYPH_HEIGHT,
      [0, 0, 0],
      0.6,
      () => 1,
    );
    [...text].forEach((letter, n) => {
      const x0 = left + n * (GLYPH_WIDTH + 1) * scale;
      glyphOf(letter).forEach((row, j) =>
        [...row].forEach((dot, i) => {
          if (dot === ' ') return;
          const [px, py] = [x0 + i * scale, top + j * scale];
          this.#shade(px, py, px + scale - 1, py + scale - 1, colour, 1, () => 1);
        }),
      );
    });
  }

  #shade(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    colour: Colour,
    opacity: number,
    cover: (x: number, y: number) => number,
  ): void {
    const [left, right] = [Math.max(0, Math.floor(x0)), Math.min(this.width - 1, Math.ceil(x1))];
    const [top, bottom] = [Math.max(0, Math.floor(y0)), Math.min(this.height - 1, Math.ceil(y1))];
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const share = opacity * cover(x, y);
        if (!(share > 0)) continue;
        const at = 3 * (y * this.width + x);
        for (let c = 0; c < 3; c++)
          this.pixels[at + c] = Math.round(this.pixels[at + c] * (1 - share) + colour[c] * share);
      }
    }
  }
}

/** Width of a label in pixels. */
export function labelWidth(text: string, scale: number): number {
  return text.length * (GLYPH_WIDTH + 1) * scale;
}
