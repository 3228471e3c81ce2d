// The part of the WebAssembly interface that is used here: Node has it, but its types come with the browser's library only.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    /** Adds pages of 64 KiB; throws RangeError where there is no more. */
    grow(pages: number): number;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  /** Compiled code; only handed on. */
  interface Module {
    readonly [Symbol.toStringTag]?: string;
  }
  const Module: {
    new (bytes: Uint8Array): Module;
    exports(module: Module): { readonly name: string; readonly kind: string }[];
  };
  function compile(bytes: Uint8Array): Promise<Module>;
}
