// A zemosaic_config.json of the reference program becomes one of ours: known keys under their names here, the
// others kept as they are.
import type { ConfigFileContent } from './file.js';
import { LEGACY_SPELLINGS } from './legacy-spellings.js';
import { foreignKeys, resolveConfig, type ResolvedConfig } from './resolve.js';
import { findRow } from './table.js';

/** The result of an import, ready to be saved. */
export interface ImportedConfig {
  readonly content: ConfigFileContent;
  readonly resolved: ResolvedConfig;
  /** Keys in effect; keys of which something else here decides; keys kept without meaning here. */
  readonly honoured: readonly string[];
  readonly covered: readonly string[];
  readonly unknown: readonly string[];
}

/**
 * Takes over a file's content on top of what the user's own file says already.
 * @throws ConfigInvalidError with every wrong value; nothing is to be saved then.
 */
export function importConfig(
  source: ConfigFileContent,
  existing: ConfigFileContent = new Map<string, unknown>(),
): ImportedConfig {
  const content = new Map(existing);
  for (const [key, value] of source) {
    const meant = LEGACY_SPELLINGS.get(key);
    if (meant === undefined) content.set(key, value);
    else if (!source.has(meant)) content.set(meant, value);
  }
  const resolved = resolveConfig({ file: content });
  const honoured = [...source.keys()].filter(
    (key) => findRow(LEGACY_SPELLINGS.get(key) ?? key) !== undefined,
  );
  return { content, resolved, honoured, ...foreignKeys(source) };
}
