// How V8 is told to treat the portable compiler: 75 MB of code of which a compilation touches a few per cent, once.
// Flags are process-wide and only count for modules compiled after them. They change when code is checked and how
// hard it is optimized, never what it does; wasienv's own interpreter is JavaScript and is not touched by them.
//
// Measured with clang 22.1.0 on Node 20.20, 2 cores (a busy machine: figures vary by 20 %):
//   new WebAssembly.Module       190-450 ms, of which all but 55 ms is validating functions that never run
//   hello.c -c, first in process 250-300 ms with tiering, 180-200 ms with Liftoff only: the optimizer competes for
//                                the same cores and its code comes too late
//   <regex> -O2, first           4.8-5.8 s Liftoff, 6.0-10.9 s tiering; the same file again, five times:
//                                4.9-6.4 s against 4.2-5.4 s. Tiering would pay after about a minute of compiling.
import v8 from 'node:v8';

const FLAGS = ['--wasm-lazy-validation', '--liftoff-only'] as const;

/**
 * V8 prints a complaint about a flag it does not know, and cannot be asked first; so flags are given only to the
 * versions they were seen in: V8 11.3 (Node 20) to 14.6 (Node 26). A later Node runs without them, slower.
 */
export function flagsFor(v8Version: string): readonly string[] {
  const [major = 0, minor = 0] = v8Version.split('.').map(Number);
  const at = major * 100 + minor;
  return at >= 1103 && at <= 1406 ? FLAGS : [];
}

let done = false;

/** Must run before the module is compiled; a second call does nothing. */
export function setEngineFlags(v8Version: string = process.versions.v8): void {
  if (done) return;
  done = true;
  for (const flag of flagsFor(v8Version)) v8.setFlagsFromString(flag);
}
