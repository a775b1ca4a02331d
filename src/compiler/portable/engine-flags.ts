// How V8 is told to treat the portable compiler: 75 MB of code of which a compilation touches a few per cent, once.
// Flags are process-wide and only count for modules compiled after them. They change when code is checked and how
// hard it is optimized, never what it does; wasienv's own interpreter is JavaScript and is not touched by them.
//
// Measured with clang 22.1.0 on 2 busy cores, as CPU time where not said otherwise:
//   new WebAssembly.Module        190-450 ms; 55 ms when functions are validated at their first call: most have none
//   hello.c -c                    0.43 s on Node 20 and 26, 0.25 s of it baseline code made at first calls; a second
//                                 compilation in the same process takes 40 ms
//   <iostream> -c                 2.1 s without tiering. With it 2.6 s (Node 20) and 4.4 s (Node 26): the optimizer
//                                 takes cores from the compilation, and its code comes too late
//   <regex> -O2, six times in     29 s without tiering and 30 s with it (Node 20, wall clock): tiering only pays for
//   one process                   compilations of more than a minute
// `--liftoff-only` would say the same in one word, but set at run time it does not switch tiering off (Node 26: 3.5 s
// for <iostream>): V8 draws its conclusions from one flag to another only at start.
import v8 from 'node:v8';

const FLAGS = ['--wasm-lazy-validation', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'] as const;

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
