// Parameter structs of kernels, defined once: the TypeScript type, the packed bytes and the WGSL struct come from one table.

export type ScalarType = 'u32' | 'i32' | 'f32';
export type ParamTable = Readonly<Record<string, ScalarType>>;
export type ParamsOf<T extends ParamTable> = { readonly [K in keyof T]: number };

/** Little-endian bytes of the struct, fields in table order, padded to a multiple of 16 (WGSL uniform layout). */
export function packParams(table: ParamTable, values: Readonly<Record<string, number>>): ArrayBuffer {
  const names = Object.keys(table);
  const bytes = new ArrayBuffer(Math.ceil((names.length * 4) / 16) * 16);
  const view = new DataView(bytes);
  names.forEach((name, i) => {
    const value = values[name];
    if (value === undefined || !Number.isFinite(value)) {
      throw new RangeError(`kernel parameter ${name} must be a finite number, got ${value}`);
    }
    if (table[name] === 'f32') view.setFloat32(i * 4, value, true);
    else if (table[name] === 'i32') view.setInt32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  });
  return bytes;
}

/** WGSL text `struct Params { ... }` of the table. */
export function wgslParams(table: ParamTable): string {
  const fields = Object.entries(table).map(([name, type]) => `  ${snakeCase(name)}: ${type},`);
  return `struct Params {\n${fields.join('\n')}\n}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
