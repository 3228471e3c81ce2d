// Validation of a whole configuration against the schema (ajv) and the rules across keys; everything that is wrong
// comes back as texts that name the value, the rule and the remedy.
import type { ErrorObject } from 'ajv/dist/2020.js';
import type { ConfigIssue } from './errors.js';
import { givenName, type Provenance } from './origin.js';
import type { Row } from './row.js';
import { crossRuleIssues } from './rules.js';
import { withoutSecret } from './secrets.js';
import { CONFIG_ROWS, type RunConfig } from './table.js';
import { configValidator } from './validator.js';
import { valueToText } from './values.js';

/** A wrong value as JSON, cut where it is longer than anyone reads. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** The text of the rule that an ajv keyword broke; one message for each keyword that the table uses. */
function ruleOf(row: Row, error: ErrorObject): { code: string; params: Record<string, string> } {
  const limit = String(error.params.limit ?? '');
  switch (error.keyword) {
    case 'enum':
      return { code: 'config_rule_choice', params: { choices: (row.schema.enum as string[]).join(', ') } };
    case 'minimum':
      return { code: 'config_rule_minimum', params: { limit } };
    case 'maximum':
      return { code: 'config_rule_maximum', params: { limit } };
    case 'exclusiveMinimum':
      return { code: 'config_rule_above', params: { limit } };
    case 'pattern':
      return { code: row.patternRule, params: {} };
    case 'maxLength':
      return { code: 'config_rule_length', params: { limit } };
    default:
      return { code: 'config_rule_type', params: { kind: row.kind } };
  }
}

/**
 * All that is wrong with `values` (one value for every key of the table), in the order of the table; empty when it
 * is a `RunConfig`. Rules across keys are looked at only when every single value is right.
 */
export function validateConfig(values: Record<string, unknown>, provenance: Provenance): ConfigIssue[] {
  const validate = configValidator();
  if (validate(values)) return crossRuleIssues(values as RunConfig, provenance);
  const errors = validate.errors ?? [];
  return CONFIG_ROWS.flatMap((row) => {
    // One message a key is enough: a wrong type would otherwise be followed by its consequences.
    const own = errors.filter((error) => error.instancePath.split('/')[1] === row.key);
    const error = own.find((candidate) => candidate.keyword === 'type') ?? own[0];
    if (!error) return [];
    const rule = ruleOf(row, error);
    const params = {
      ...rule.params,
      name: givenName(row, provenance[row.key]),
      value: shown(withoutSecret(row.key, values[row.key])),
      default: JSON.stringify(valueToText(row.default, row.kind)),
    };
    return [{ key: row.key, code: rule.code, params }];
  });
}
