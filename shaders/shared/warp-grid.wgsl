// What warp and warp-cfa share: where a pixel of the cell lies in the frame, level correction, the cube.
// Bindings: 2 map [blocks_y, blocks_x, MAP_STRIDE]; 3 levels [planes, 1 + LEVEL_TERMS]; 5 cube [slots, planes, cell_height, cell_width].
//!import block-map

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> map: array<f32>;
@group(0) @binding(3) var<storage, read> levels: array<f32>;
@group(0) @binding(5) var<storage, read_write> cube: array<f32>;

// A frame position as pixel and fraction in [0, 1): float32 alone would lose the fraction on large frames.
struct Position {
  pixel: vec2<i32>,
  fraction: vec2<f32>,
}

fn frame_position(x: u32, y: u32) -> Position {
  let at = block_position(x, y, params.cell_width);
  let whole = floor(at.offset);
  return Position(vec2<i32>(vec2<f32>(map[at.first], map[at.first + 1u])) + vec2<i32>(whole), at.offset - whole);
}

// Within [-0.5, size - 0.5], decided on whole pixels and fraction apart.
fn inside(pixel: i32, fraction: f32, size: u32) -> bool {
  let last = i32(size) - 1;
  return (pixel >= 0 && pixel < last) || (pixel == -1 && fraction >= 0.5f) || (pixel == last && fraction <= 0.5f);
}

fn inside_frame(at: Position) -> bool {
  return inside(at.pixel.x, at.fraction.x, params.frame_width) && inside(at.pixel.y, at.fraction.y, params.frame_height);
}

// Gain and level surface of the plane at a frame position.
fn corrected(plane: u32, at: Position, value: f32) -> f32 {
  let first = plane * (1u + LEVEL_TERMS);
  let x = (f32(at.pixel.x) + at.fraction.x - params.centre_x) * params.inv_scale;
  let y = (f32(at.pixel.y) + at.fraction.y - params.centre_y) * params.inv_scale;
  let level = levels[first + 1u] + levels[first + 2u] * x + levels[first + 3u] * y +
    levels[first + 4u] * x * x + levels[first + 5u] * x * y + levels[first + 6u] * y * y;
  return levels[first] * (value - level);
}
