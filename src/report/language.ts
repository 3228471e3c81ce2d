// Which of the seven languages speaks.

/** The languages of the program, by their ISO 639-1 codes. */
export const LANGUAGES = ['en', 'fr', 'es', 'pl', 'de', 'nl', 'is'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language that a locale name (`fr_CA.UTF-8`, `de`, `pl-PL`) means, or undefined when it is none of ours. */
export function languageOf(locale: string | undefined): Language | undefined {
  const code = /^[a-z]+/i.exec(locale ?? '')?.[0].toLowerCase();
  return LANGUAGES.find((language) => language === code);
}

/**
 * The language to speak: `chosen` (command line, environment or file, `auto` and anything unknown passed over), else
 * the first that is set of LC_ALL, LC_MESSAGES and LANG (POSIX, section 8.2), else English.
 */
export function chooseLanguage(
  chosen: readonly (string | undefined)[],
  env: Readonly<Record<string, string | undefined>>,
): Language {
  for (const name of chosen) {
    const language = languageOf(name);
    if (language) return language;
  }
  // The first variable that is set decides, also when it names a language that we do not speak.
  return languageOf(env.LC_ALL || env.LC_MESSAGES || env.LANG) ?? 'en';
}
