// Pixels by the tiles that lie over them.

export interface PixelGroup {
  /** Numbers of the tiles, ascending. */
  readonly members: readonly number[];
  /** Numbers of the pixels, ascending. */
  readonly pixels: readonly number[];
}

/** Groups the pixels 0 .. size - 1 that are under the same of `count` tiles, in the order of their first pixels; those under none are left out. */
export function pixelGroups(
  size: number,
  count: number,
  isKnown: (tile: number, pixel: number) => boolean,
): PixelGroup[] {
  const root: Node = { children: [] };
  const groups: PixelGroup[] = [];
  for (let pixel = 0; pixel < size; pixel++) {
    let node = root;
    for (let tile = 0; tile < count; tile++) {
      if (isKnown(tile, pixel)) node = node.children[tile] ??= { children: [], parent: node, tile };
    }
    if (node === root) continue;
    if (!node.pixels) groups.push({ members: membersOf(node), pixels: (node.pixels = []) });
    node.pixels.push(pixel);
  }
  return groups;
}

/** The tiles of a group are the path to its node. */
interface Node {
  readonly children: Node[];
  readonly parent?: Node;
  readonly tile?: number;
  pixels?: number[];
}

function membersOf(node: Node): number[] {
  const members: number[] = [];
  for (let at: Node | undefined = node; at?.tile !== undefined; at = at.parent) members.unshift(at.tile);
  return members;
}
