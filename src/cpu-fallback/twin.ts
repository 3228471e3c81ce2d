// The shape of a CPU twin: a kernel on plain arrays, over its whole thread grid.
export type DeviceArray = Float32Array | Uint32Array;

/** `params` as the device sees them (f32 rounded); `buffers` hold every role of the contract, checked. */
export type Twin = (
  params: Readonly<Record<string, number>>,
  buffers: Readonly<Record<string, DeviceArray>>,
) => void;

/** Forgets the exact parameter and buffer types of a twin, which the validated program guarantees. */
export function asTwin<P, B>(twin: (params: P, buffers: B) => void): Twin {
  return twin as unknown as Twin;
}
