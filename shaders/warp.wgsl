// Resamples the planes of one frame window onto a cell of the output grid, levels corrected, into one slot of the sample cube.
// Thread: (x, y) = pixel of the cell, z = plane.
// Bindings: 1 planes [planes, window_height, window_width]; the others in shared/warp-grid.wgsl and shared/taps.wgsl.
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

fn nearest(plane: u32, at: Position) -> f32 {
  let up = vec2<i32>(select(vec2<f32>(0.0f), vec2<f32>(1.0f), at.fraction >= vec2<f32>(0.5f)));
  return tap(plane, at.pixel.x + up.x, at.pixel.y + up.y);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.cell_width || id.y >= params.cell_height) {
    return;
  }
  let at = frame_position(id.x, id.y);
  var value = BLANK_VALUE;
  if (inside_frame(at)) {
    if (params.kernel == WARP_NEAREST) {
      value = nearest(id.z, at);
    } else if (params.kernel == WARP_BILINEAR) {
      value = bilinear(id.z, at);
    } else {
      value = convolved(id.z, at, 6u, true, params.clamp_threshold);
    }
    if (value > BLANK_LIMIT) {
      value = corrected(id.z, at, value);
    }
  }
  let plane = params.slot * params.planes + id.z;
  cube[(plane * params.cell_height + id.y) * params.cell_width + id.x] = value;
}
