// The schema of the configuration as a function. In the joined program its code stands here already compiled (vite.program.config.ts): neither the
// compiler nor its work is part of a start then.
import { Ajv2020, type CodeOptions, type ValidateFunction } from 'ajv/dist/2020.js';
import { configSchema } from './schema.js';

let compiled: ValidateFunction | undefined;

export function configValidator(): ValidateFunction {
  compiled ??= compileConfigSchema().validate;
  return compiled;
}

/** What compiles the schema, and what it makes of it. */
export function compileConfigSchema(code: CodeOptions = {}): {
  readonly ajv: Ajv2020;
  readonly validate: ValidateFunction;
} {
  // That the schema is one is a matter of the tests: compiling its own schema would take four times as long as this one.
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    validateSchema: false,
    meta: false,
    code,
  });
  return { ajv, validate: ajv.compile(withoutAnnotations(configSchema())) };
}

/** The schema without what only forms and documentation read. */
function withoutAnnotations(schema: Record<string, unknown>): Record<string, unknown> {
  const rules = Object.entries(schema.properties as Record<string, object>).map(([key, property]) => [
    key,
    Object.fromEntries(
      Object.entries(property).filter(([name]) => name !== 'default' && !name.startsWith('x-')),
    ),
  ]);
  return { ...schema, properties: Object.fromEntries(rules) };
}
