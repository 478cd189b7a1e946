/** Emscripten's module: the memory of the WebAssembly Python and the addresses of its variables. */
export interface PythonMemory {
  HEAPU8: Uint8Array;
  HEAPU32: Uint32Array;
  /** Address of C's `PyImport_Inittab`. */
  _PyImport_Inittab: number;
}

/**
 * Modules written in C that code must not have, whatever way it asks for them: JavaScript's door, and those that read
 * and write this Python's memory.
 */
const SHUT = new Set([
  "_pyodide_core",
  "_ctypes",
  "_testbuffer",
  "_testcapi",
  "_testclinic",
  "_testclinic_limited",
  "_testinternalcapi",
  "_testlimitedcapi",
  "_xxtestfuzz",
  "_remote_debugging",
  "_posixsubprocess",
]);

/** Where a type of Python's keeps its constructor, in bytes: `tp_new` of CPython's `PyTypeObject` in WebAssembly. */
const TP_NEW = 156;

/** Addresses of types, which are what `id` says. */
export interface ShutTypes {
  /** `None`'s, which makes nothing but that. */
  none: number;
  types: readonly number[];
}

/**
 * Gives types the constructor of `None`: an error of JavaScript can be made like any other exception, and would be a
 * way to its constructor, and to that one's.
 */
export function removeConstructors({ HEAPU32 }: PythonMemory, { none, types }: ShutTypes): void {
  const harmless = HEAPU32[(none + TP_NEW) >>> 2] ?? 0;
  for (const address of types) HEAPU32[(address + TP_NEW) >>> 2] = harmless;
}

/**
 * Takes modules out of the table of what is built in, which is an array of pairs: a name's address and a function's.
 * The runtime works with a copy of the exported one.
 *
 * @returns how many entries have been emptied
 */
export function removeBuiltIns({ HEAPU8, HEAPU32, _PyImport_Inittab }: PythonMemory): number {
  const word = (index: number) => HEAPU32[index] ?? 0;
  const exported = word(_PyImport_Inittab >>> 2) >>> 2;
  const beginning = HEAPU32.slice(exported, exported + 4);
  let emptied = 0;
  for (
    let at = HEAPU32.indexOf(beginning[0] ?? 0);
    at !== -1;
    at = HEAPU32.indexOf(beginning[0] ?? 0, at + 1)
  ) {
    if (!beginning.every((value, index) => word(at + index) === value)) continue;
    for (let entry = at; word(entry) !== 0; entry += 2) {
      const end = HEAPU8.indexOf(0, word(entry));
      if (!SHUT.has(new TextDecoder().decode(HEAPU8.subarray(word(entry), end)))) continue;
      // The name becomes an empty one; without any the table would end here.
      HEAPU32[entry] = end;
      emptied += 1;
    }
  }
  return emptied;
}
