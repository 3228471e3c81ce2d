// What has made a mosaic: the program and what it ran in.

/** Deno calls itself a Node as well, of the version whose interfaces it has. */
export function programVersions(
  zemosaic: string,
  { node, deno }: Readonly<Record<string, string | undefined>> = process.versions,
): Readonly<Record<string, string>> {
  if (deno !== undefined) return { zemosaic, deno };
  return node === undefined ? { zemosaic } : { zemosaic, node };
}
