// Where a pixel of a cell lies in a frame, by the map of its block; the shader that imports this binds map [blocks_y, blocks_x, MAP_STRIDE].

// Index of the block's first number, and the position less the integer base that stands there.
struct BlockPosition {
  first: u32,
  offset: vec2<f32>,
}

fn biquadratic(first: u32, u: f32, v: f32) -> f32 {
  var value = 0.0f;
  for (var k = 0u; k < 3u; k++) {
    let row = first + 3u * (2u - k);
    value = value * v + (map[row] + u * (map[row + 1u] + u * map[row + 2u]));
  }
  return value;
}

// Index of the first number of the block that holds a pixel.
fn block_first(x: u32, y: u32, width: u32) -> u32 {
  let blocks_x = (width + BLOCK_SIZE - 1u) / BLOCK_SIZE;
  return ((y / BLOCK_SIZE) * blocks_x + x / BLOCK_SIZE) * MAP_STRIDE;
}

fn block_position(x: u32, y: u32, width: u32) -> BlockPosition {
  let first = block_first(x, y, width);
  let half_block = 0.5f * f32(BLOCK_SIZE);
  let u = (f32(x % BLOCK_SIZE) - (half_block - 0.5f)) / half_block;
  let v = (f32(y % BLOCK_SIZE) - (half_block - 0.5f)) / half_block;
  return BlockPosition(first, vec2<f32>(biquadratic(first + 2u, u, v), biquadratic(first + 11u, u, v)));
}
