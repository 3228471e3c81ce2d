// Resamples the planes of one frame window onto a cell of the output grid, levels corrected, into one slot of the sample cube.
// Thread: (x, y) = pixel of the cell; it goes through the planes.
// Bindings: 1 planes [planes, window_height, window_width]; the others in shared/warp-grid.wgsl (the table of Lanczos weights is not bound).
// Variants: `taps` is what stands between the taps, one for each `params.kernel`.
//!import warp-grid
//!import taps

@group(0) @binding(1) var<storage, read> planes: array<f32>;

// Sample of the window by frame pixel; BLANK_VALUE outside.
fn tap(plane: u32, x: i32, y: i32) -> f32 {
  let wx = u32(x - params.window_x);
  let wy = u32(y - params.window_y);
  let inside = (wx < params.window_width) & (wy < params.window_height);
  let index = (plane * params.window_height + wy) * params.window_width + wx;
  return select(BLANK_VALUE, planes[select(0u, index, inside)], inside);
}

fn stored(index: u32) -> f32 {
  return planes[index];
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.cell_width || id.y >= params.cell_height) {
    return;
  }
  let at = frame_position(id.x, id.y);
  let shown = inside_frame(at);
  let weights = weights_at(at.fraction);
  for (var plane = 0u; plane < params.planes; plane++) {
    var value = BLANK_VALUE;
    if (shown) {
      value = interpolated(plane, at, weights);
      if (value > BLANK_LIMIT) {
        value = corrected(plane, at, value);
      }
    }
    cube[((params.slot * params.planes + plane) * params.cell_height + id.y) * params.cell_width + id.x] = value;
  }
}
