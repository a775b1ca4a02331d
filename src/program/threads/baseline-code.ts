// V8 11.3, the one of Node 20, loses a value over `memory.atomic.wait`: its baseline compiler (Liftoff) leaves the last local that
// was set in a register, which the call into the runtime then uses. Nothing else of it is known to be wrong, but every lock of a
// C library waits so. Where that shows, modules are compiled by the optimizing compiler alone, function by function at their
// first calls. That makes places of traps less exact for all that the process compiles later, so nothing without threads asks for it.
// https://v8.dev/blog/liftoff
import v8 from 'node:v8';
import { ByteWriter } from '../../wasm/binary/writer.js';
import { webAssembly } from '../host/web-assembly.js';

let judged = false;

/** Must run before a module that waits is compiled. V8's flags are of the whole process and count for what is compiled later. */
export function avoidBrokenBaselineCode(): void {
  if (judged) return;
  judged = true;
  if (!keepsLocalOverWait()) v8.setFlagsFromString('--no-liftoff');
}

const KEPT = 7;

/** Sets a local to what an imported function gives, waits for a value that is not there, and returns the local. */
function keepsLocalOverWait(): boolean {
  const writer = new ByteWriter(128);
  const section = (id: number, bytes: readonly number[]) => writer.bytes([id, bytes.length, ...bytes]);
  writer.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  section(1, [1, 0x60, 0, 1, 0x7f]); // type 0: () -> i32
  section(2, [2, 1, 0x69, 1, 0x6d, 0x02, 0x03, 1, 1, 1, 0x69, 1, 0x66, 0x00, 0]); // "i" "m": memory 1 1 shared; "i" "f": function
  section(3, [1, 0]);
  section(7, [1, 1, 0x61, 0x00, 1]); // "a": function 1
  const code = [
    0x01, 0x01, 0x7f, // a local i32
    0x10, 0x00, 0x21, 0x00, // call f; local.set
    0x41, 0x00, 0x41, 0x01, 0x42, 0x00, 0xfe, 0x01, 0x02, 0x00, 0x1a, // memory.atomic.wait32 at 0 for 1, no time; drop
    0x20, 0x00, 0x0b, // local.get
  ];
  section(10, [1, code.length, ...code]);
  const memory = new webAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(writer.take()), { i: { m: memory, f: () => KEPT } });
  return (exports['a'] as () => number)() === KEPT;
}
