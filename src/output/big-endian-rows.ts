// Samples of 16 bits in the order of bytes that PNG wants.

/** Each row as bytes, most significant first. The yielded array is reused. */
export async function* bigEndianRows(rows: AsyncIterable<Uint16Array>): AsyncGenerator<Uint8Array> {
  let bytes = Buffer.alloc(0);
  for await (const row of rows) {
    if (bytes.length !== row.byteLength) bytes = Buffer.alloc(row.byteLength);
    for (let i = 0; i < row.length; i++) bytes.writeUInt16BE(row[i], 2 * i);
    yield bytes;
  }
}
