// Resamples the colours of a Bayer window onto a cell of the output grid, each from its own sites, into one slot of the sample cube.
// Thread: (x, y) = pixel of the cell; it goes through the colours.
// Bindings: 1 cfa [window_height, window_width]; the others in shared/warp-grid.wgsl (cube of 3 planes; the table of Lanczos weights is not bound).
// Variants: `taps` is what stands between the taps, one for each `params.kernel`.
//!import warp-grid
//!import taps

@group(0) @binding(1) var<storage, read> cfa: array<f32>;

// First site of the colour at hand in the 2x2 tile, and for green the parity of its sites' x + y.
var<private> first: vec2<i32>;
var<private> parity: i32;

fn find_sites(colour: u32) {
  //!unroll
  for (var site = 0u; site < 4u; site++) {
    if (((params.pattern >> (2u * site)) & 3u) == colour) {
      first = vec2<i32>(i32(site & 1u), i32(site >> 1u));
    }
  }
  parity = (first.x + first.y) & 1;
}

// Pixel of a lattice site of the colour.
fn pixel_of(colour: u32, m: i32, n: i32) -> vec2<i32> {
  let square = 2 * vec2<i32>(m, n) + first;
  let turned = vec2<i32>(m + n + parity, m - n);
  return select(square, turned, colour == GREEN);
}

// Sample of the window by lattice site of the colour; BLANK_VALUE outside.
fn tap(colour: u32, m: i32, n: i32) -> f32 {
  let pixel = pixel_of(colour, m, n);
  let wx = u32(pixel.x - params.window_x);
  let wy = u32(pixel.y - params.window_y);
  let inside = (wx < params.window_width) & (wy < params.window_height);
  return select(BLANK_VALUE, cfa[select(0u, wy * params.window_width + wx, inside)], inside);
}

fn stored(index: u32) -> f32 {
  return cfa[index];
}

// Half of an integer and a fraction in [0, 1), as lattice site and fraction.
fn halved(whole: vec2<i32>, fraction: vec2<f32>) -> Position {
  return Position(whole >> vec2<u32>(1u), 0.5f * (vec2<f32>(whole & vec2<i32>(1)) + fraction));
}

fn lattice_position(colour: u32, at: Position) -> Position {
  if (colour != GREEN) {
    return halved(at.pixel - first, at.fraction);
  }
  let turned = vec2<f32>(at.fraction.x + at.fraction.y, at.fraction.x - at.fraction.y);
  let carried = floor(turned);
  let whole = vec2<i32>(at.pixel.x + at.pixel.y, at.pixel.x - at.pixel.y) - vec2<i32>(parity);
  return halved(whole + vec2<i32>(carried), turned - carried);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.cell_width || id.y >= params.cell_height) {
    return;
  }
  let at = frame_position(id.x, id.y);
  let shown = inside_frame(at);
  for (var colour = 0u; colour < 3u; colour++) {
    var value = BLANK_VALUE;
    if (shown) {
      find_sites(colour);
      let site = lattice_position(colour, at);
      value = interpolated(colour, site, weights_at(site.fraction));
      if (value > BLANK_LIMIT) {
        value = corrected(colour, at, value);
      }
    }
    cube[((3u * params.slot + colour) * params.cell_height + id.y) * params.cell_width + id.x] = value;
  }
}
