// Files compressed as a whole, told by their first bytes.

export type FileCompression = 'gzip' | 'bzip2' | 'compress';

/** Tells the format from the first bytes (3 are enough); undefined for anything else. */
export function detectFileCompression(bytes: Uint8Array): FileCompression | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (bytes[0] === 0x1f && bytes[1] === 0x9d) return 'compress';
  if (bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68) return 'bzip2';
  return undefined;
}
