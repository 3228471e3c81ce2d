// CFA plane -> planes R, G, B by averaging the nearest valid sites of each colour.
// Thread: (x, y) = pixel of the window; it writes the three colours.
// Bindings: shared/cfa.wgsl.
//!import cfa

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  for (var colour = 0u; colour < 3u; colour++) {
    write_colour(colour, id.x, id.y, bilinear_colour(colour, i32(id.x), i32(id.y)));
  }
}
