// Parameter structs of kernels, defined once: the TypeScript type, the packed bytes and the WGSL struct come from one table.

export type ScalarType = 'u32' | 'i32' | 'f32';
export type ParamTable = Readonly<Record<string, ScalarType>>;
export type ParamsOf<T extends ParamTable> = { readonly [K in keyof T]: number };

interface Field {
  readonly name: string;
  readonly type: ScalarType;
}

const known = new WeakMap<ParamTable, readonly Field[]>();

/** The fields of a table in its order, listed once: small cells make a hundred thousand calls. */
export function fieldsOf(table: ParamTable): readonly Field[] {
  let fields = known.get(table);
  if (!fields) known.set(table, (fields = Object.entries(table).map(([name, type]) => ({ name, type }))));
  return fields;
}

/** Little-endian bytes of the struct, fields in table order, padded to a multiple of 16 (WGSL uniform layout). */
export function packParams(table: ParamTable, values: Readonly<Record<string, number>>): ArrayBuffer {
  const bytes = new ArrayBuffer(paramsBytes(table));
  packParamsInto(new DataView(bytes), table, values);
  return bytes;
}

/** Bytes of the struct. */
export const paramsBytes = (table: ParamTable): number => Math.ceil((fieldsOf(table).length * 4) / 16) * 16;

/** The same to the beginning of `view`; what pads them stays as it is. */
export function packParamsInto(
  view: DataView,
  table: ParamTable,
  values: Readonly<Record<string, number>>,
): void {
  const fields = fieldsOf(table);
  for (let i = 0; i < fields.length; i++) {
    const { name, type } = fields[i];
    const value: number | undefined = values[name];
    if (value === undefined || !Number.isFinite(value)) {
      throw new RangeError(`kernel parameter ${name} must be a finite number, got ${value}`);
    }
    if (type === 'f32') view.setFloat32(i * 4, value, true);
    else if (type === 'i32') view.setInt32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  }
}

/** WGSL text `struct Params { ... }` of the table. */
export function wgslParams(table: ParamTable): string {
  const fields = Object.entries(table).map(([name, type]) => `  ${snakeCase(name)}: ${type},`);
  return `struct Params {\n${fields.join('\n')}\n}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
