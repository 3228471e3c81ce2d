/** Spellings of the reference program (its window and its command line) and the key that they mean here. */
export const LEGACY_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['input_folder', 'input_dir'],
  ['output_folder', 'output_dir'],
  ['logging_level', 'log_level'],
]);
