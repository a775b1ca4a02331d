// The guest's current directory. Preview 1 has none: wasi-libc keeps one for itself, in a variable that starts as "/"
// and is put in front of every relative path. When it is "/", `a.c` and `/a.c` reach WASI as the same call, so no
// trick on our side of the calls can tell them apart; and clang's -working-directory changes what diagnostics say and
// does not exist in wasm-ld. So the variable itself is set, before `main`: the host writes the path behind the
// program's arguments (memory that libc has just reserved and never frees) and points the variable at it.
// Where the variable lies is a fact of one build. It is found by experiment: clang's driver calls chdir for
// -working-directory, and afterwards one word that pointed to "/" points to the new directory. source: wasi-libc
// libc-bottom-half/sources/chdir.c (`__wasilibc_cwd`).

/** Address of libc's variable, by the build's digest: what `findWorkingDirectoryCell` answered, kept to save its 60 ms. */
export const KNOWN_CELLS: ReadonlyMap<string, number> = new Map([
  // @yowasp/clang 22.0.0-git20542-10
  ['sha512-V31/z9GrJECKeACTDUyvg2llbEUiFi3bxtL5HSg7H/6sydSxdI/AoVAD9F5ozrfLjotWl0B9rghR87m+DUM/zg==', 17855816],
]);

const MARKER = '/wasienv-working-directory';

/** The experiment: a directory that exists in the guest under this name, and the command to run. */
export const EXPERIMENT = { directory: MARKER, args: ['clang', '-working-directory', MARKER, '-print-targets'] } as const;

/** Whether `cell` is a variable that points to "/" in memory as it is before the program starts. */
export function isWorkingDirectoryCell(memory: Uint8Array, cell: number): boolean {
  const pointer = readPointer(memory, cell);
  return pointer > 0 && memory[pointer] === 0x2f && memory[pointer + 1] === 0;
}

/** Compares memory before and after the experiment; undefined unless exactly one word fits. */
export function findWorkingDirectoryCell(before: Uint8Array, after: Uint8Array): number | undefined {
  const wanted = new TextEncoder().encode(`${MARKER}\0`);
  const old = new Uint32Array(before.buffer, before.byteOffset, before.byteLength >>> 2);
  const found: number[] = [];
  for (let index = 0; index < old.length; index += 1) {
    const pointer = old[index] as number;
    if (pointer === 0 || before[pointer] !== 0x2f || before[pointer + 1] !== 0) continue;
    const now = readPointer(after, index * 4);
    if (now !== pointer && wanted.every((byte, offset) => after[now + offset] === byte)) found.push(index * 4);
  }
  return found.length === 1 ? found[0] : undefined;
}

export function writePointer(memory: Uint8Array, address: number, value: number): void {
  new DataView(memory.buffer, memory.byteOffset).setUint32(address, value, true);
}

function readPointer(memory: Uint8Array, address: number): number {
  return address + 4 <= memory.byteLength ? new DataView(memory.buffer, memory.byteOffset).getUint32(address, true) : 0;
}
