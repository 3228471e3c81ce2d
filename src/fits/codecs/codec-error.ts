// What a codec throws on data that cannot be right; the reader of tiles turns it into an error with file and tile.

/** Internal to this room: `problem` is a short technical word for developers, never shown to a user. */
export class CorruptTile extends Error {
  constructor(readonly problem: string) {
    super(problem);
  }
}
