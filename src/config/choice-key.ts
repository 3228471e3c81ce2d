// How the values of choices are called: one table in the locales for all keys, so that a value has one name wherever it is offered.

/** Locale key of the name of a choice's value. */
export const choiceKey = (value: string): string => `config_choice_${value}`;
