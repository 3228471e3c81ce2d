// Clusters of frames that show the same panel: near each other on the sky, and of one orientation, mount mode and night where that is asked for.

/** A frame as the clustering sees it. */
export interface ClusterFrame {
  /** Unit vector of its centre. */
  readonly at: readonly [number, number, number];
  /** Its shorter side on the sky, degrees. */
  readonly sideDeg: number;
  /** Position angle of its y axis, degrees. */
  readonly orientationDeg: number;
  /** Start of the exposure, ms; NaN where the header does not say. */
  readonly timeMs: number;
  readonly mount?: 'eq' | 'altaz' | undefined;
}

export interface ClusterOptions {
  /** Frames nearer than this belong together, degrees; 0 = a part of the frames' side. */
  readonly thresholdDeg: number;
  /** Groups to come as near to as a threshold can; 0 = as many as there are. */
  readonly targetGroups: number;
  /** Frames turned by more than this against each other do not belong together, degrees; 0 = however they are turned. */
  readonly orientationSplitDeg: number;
  /** Frames of different nights do not belong together. */
  readonly splitNights: boolean;
}

/** Dithers stay well below this part of a frame's side, panels lie more than it apart. */
const SIDE_SHARE = 0.3;
/** Hours without an exposure that end a night. */
const NIGHT_GAP_MS = 6 * 3600e3;
/** A stack of fewer frames can reject nothing: they go with their nearest neighbours. */
export const LEAST_FRAMES = 3;
const BISECTIONS = 24;
const MOST_DEG = 5;
const DEG = Math.PI / 180;

/** Groups of frame numbers, in the order of their first frames. */
export function clusterFrames(frames: readonly ClusterFrame[], options: ClusterOptions): number[][] {
  if (frames.length === 0) return [];
  const sides = frames.map(({ sideDeg }) => sideDeg).sort((a, b) => a - b);
  const side = sides[sides.length >> 1];
  const nights = options.splitNights ? nightsOf(frames) : undefined;
  const joined = (thresholdDeg: number) =>
    components(
      frames,
      (a, b) => belong(frames[a], frames[b], thresholdDeg, options) && nights?.[a] === nights?.[b],
    );
  const groups =
    options.targetGroups > 0
      ? towards(options.targetGroups, joined)
      : joined(options.thresholdDeg > 0 ? options.thresholdDeg : SIDE_SHARE * side);
  return mergeSmall(frames, groups, side);
}

/** Angle between the centres of two frames, degrees. */
export function separationDeg(a: Pick<ClusterFrame, 'at'>, b: Pick<ClusterFrame, 'at'>): number {
  const chord = Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1], a.at[2] - b.at[2]);
  return (2 * Math.asin(Math.min(1, chord / 2))) / DEG;
}

function belong(
  a: ClusterFrame,
  b: ClusterFrame,
  thresholdDeg: number,
  { orientationSplitDeg }: ClusterOptions,
): boolean {
  if (a.mount && b.mount && a.mount !== b.mount) return false;
  if (orientationSplitDeg > 0) {
    const turn = Math.abs(((((a.orientationDeg - b.orientationDeg) % 360) + 540) % 360) - 180);
    if (turn > orientationSplitDeg) return false;
  }
  return separationDeg(a, b) < thresholdDeg;
}

/** The number of the night of each frame; frames without a time are of the first. */
function nightsOf(frames: readonly ClusterFrame[]): number[] {
  const order = [...frames.keys()]
    .filter((f) => !Number.isNaN(frames[f].timeMs))
    .sort((a, b) => frames[a].timeMs - frames[b].timeMs);
  const nights = new Array<number>(frames.length).fill(0);
  let night = 0;
  order.forEach((f, i) => {
    if (i > 0 && frames[f].timeMs - frames[order[i - 1]].timeMs > NIGHT_GAP_MS) night++;
    nights[f] = night;
  });
  return nights;
}

/** Frames linked by `belong`, directly or over others. */
function components(frames: readonly ClusterFrame[], linked: (a: number, b: number) => boolean): number[][] {
  const groupOf = new Int32Array(frames.length).fill(-1);
  const groups: number[][] = [];
  for (const seed of frames.keys()) {
    if (groupOf[seed] >= 0) continue;
    const group = [seed];
    groupOf[seed] = groups.length;
    for (const member of group) {
      for (const other of frames.keys()) {
        if (groupOf[other] >= 0 || !linked(member, other)) continue;
        groupOf[other] = groups.length;
        group.push(other);
      }
    }
    groups.push(group.sort((a, b) => a - b));
  }
  return groups;
}

/** Groups by the threshold that gives the number asked for, or the nearest to it that was met. */
function towards(target: number, joined: (thresholdDeg: number) => number[][]): number[][] {
  let [low, high] = [0, MOST_DEG];
  let best = joined(high);
  for (let i = 0; i < BISECTIONS && best.length !== target; i++) {
    const middle = (low + high) / 2;
    const groups = joined(middle);
    if (Math.abs(groups.length - target) <= Math.abs(best.length - target)) best = groups;
    if (groups.length > target) low = middle;
    else high = middle;
  }
  return best;
}

/** Groups too small to reject anything join the nearest group within a frame's side, if there is one. */
function mergeSmall(frames: readonly ClusterFrame[], groups: readonly number[][], side: number): number[][] {
  const merged = groups.map((group) => [...group]);
  for (const group of [...merged].sort((a, b) => a.length - b.length)) {
    if (group.length === 0 || group.length >= LEAST_FRAMES) continue;
    let best: number[] | undefined;
    let nearest = side;
    for (const other of merged) {
      if (other === group || other.length === 0) continue;
      for (const b of other) {
        const distance = separationDeg(frames[group[0]], frames[b]);
        if (distance < nearest) [best, nearest] = [other, distance];
      }
    }
    best?.push(...group.splice(0));
  }
  return merged
    .filter((group) => group.length > 0)
    .map((group) => group.sort((a, b) => a - b))
    .sort((a, b) => a[0] - b[0]);
}
