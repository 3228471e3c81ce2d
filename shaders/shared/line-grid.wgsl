// A line of pixels, folded: one dispatch dimension holds at most 65535 workgroups, so long lines continue in y.
// WORKGROUP_X threads a workgroup; plane = workgroup z.
fn line_index(group: vec3<u32>, local: vec3<u32>, groups: vec3<u32>) -> u32 {
  return (group.y * groups.x + group.x) * WORKGROUP_X + local.x;
}
