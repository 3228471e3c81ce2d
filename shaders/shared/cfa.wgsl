// Reading a Bayer plane: bindings 1 cfa [height, width], 2 planes [3, height, width]; the colours of sites; bilinear colours.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cfa: array<f32>;
@group(0) @binding(2) var<storage, read_write> planes: array<f32>;

// Sample, BLANK_VALUE outside the window. Without branches: a stencil of many branching reads takes SwiftShader minutes to compile.
fn cfa_at(x: i32, y: i32) -> f32 {
  let inside = (u32(x) < params.width) & (u32(y) < params.height);
  return select(BLANK_VALUE, cfa[select(0u, u32(y) * params.width + u32(x), inside)], inside);
}

// Colour of a site; two's complement makes the parity of -1 odd, as it must be.
fn colour_at(x: i32, y: i32) -> u32 {
  let site = ((u32(y) + params.origin_y) & 1u) * 2u + ((u32(x) + params.origin_x) & 1u);
  return (params.pattern >> (2u * site)) & 3u;
}

// Mean of the valid samples of a colour among the 8 neighbours, the sample itself at a site of that colour.
fn bilinear_colour(colour: u32, x: i32, y: i32) -> f32 {
  if (colour_at(x, y) == colour) {
    return cfa_at(x, y);
  }
  var sum = 0.0f;
  var count = 0.0f;
  for (var j = -1; j <= 1; j++) {
    for (var i = -1; i <= 1; i++) {
      let value = cfa_at(x + i, y + j);
      if (colour_at(x + i, y + j) == colour && value > BLANK_LIMIT) {
        sum += value;
        count += 1.0f;
      }
    }
  }
  if (count == 0.0f) {
    return BLANK_VALUE;
  }
  return sum / count;
}

fn write_colour(colour: u32, x: u32, y: u32, value: f32) {
  planes[(colour * params.height + y) * params.width + x] = value;
}
