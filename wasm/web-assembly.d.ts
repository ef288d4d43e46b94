/**
 * What we use of the WebAssembly JavaScript interface (W3C). TypeScript declares it in its DOM library only, which Node's types do not bring
 * along.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer);
  }
  class Instance {
    readonly exports: Record<string, unknown>;
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    /** Returns the former number of pages of 64 KiB. */
    grow(pages: number): number;
  }
  class Global {
    value: unknown;
  }
  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>;
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
