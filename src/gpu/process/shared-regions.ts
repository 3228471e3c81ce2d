// Which parts of the shared memory are in use.

export interface Region {
  readonly at: number;
  readonly bytes: number;
}

/** Whole pages: what is in use does not share one with what is not. */
const PAGE_BYTES = 4096;

/** Regions of `mostBytes`, each the first that fits: what is in use stays near the start, and the memory behind it is never touched. */
export class SharedRegions {
  /** By place. */
  private readonly busy: Region[] = [];

  constructor(private mostBytes: number) {}

  take(bytes: number): Region | undefined {
    let at = 0;
    let place = 0;
    for (; place < this.busy.length && at + bytes > this.busy[place].at; place++)
      at = endOf(this.busy[place]);
    if (at + bytes > this.mostBytes) return undefined;
    const region = { at, bytes };
    this.busy.splice(place, 0, region);
    return region;
  }

  /** From now on none reaches beyond this place. */
  endAt(at: number): void {
    this.mostBytes = Math.min(this.mostBytes, at);
  }

  give(region: Region): void {
    this.busy.splice(this.busy.indexOf(region), 1);
  }
}

const endOf = ({ at, bytes }: Region): number => Math.ceil((at + bytes) / PAGE_BYTES) * PAGE_BYTES;
