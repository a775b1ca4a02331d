// The first eight bytes: is this a module at all? People hand over all kinds of files, so what can be recognised is named.
// spec: binary/modules#binary-module; component model: design/mvp/Binary.md (version 0x0d, layer 1)
import { DecodeError } from '../errors.js';

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const VERSION = 1;
const COMPONENT_LAYER = 1;

/** What files start with that are mistaken for modules. */
const STRANGERS: ReadonlyArray<readonly [start: readonly number[], what: string, next: string]> = [
  [[0x7f, 0x45, 0x4c, 0x46], 'an ELF program or object of this machine', 'compile for WebAssembly: `wasienv cc`, or `clang --target=wasm32-wasip1`'],
  [[0x4d, 0x5a], 'a Windows program', 'compile for WebAssembly: `wasienv cc`'],
  [[0xcf, 0xfa, 0xed, 0xfe], 'a Mach-O program or object', 'compile for WebAssembly: `wasienv cc`, or `clang --target=wasm32-wasip1`'],
  [[0xca, 0xfe, 0xba, 0xbe], 'a Mach-O program or a Java class', 'compile for WebAssembly: `wasienv cc`'],
  [[0x42, 0x43, 0xc0, 0xde], 'LLVM bitcode', 'link it: without `-flto`, or through `wasienv cc`'],
  [[0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e], 'an archive of objects (.a)', 'link it into a program: `wasienv cc … -o program.wasm`'],
  [[0x1f, 0x8b], 'gzip data', 'unpack it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive', 'unpack it first'],
  [[0x23, 0x21], 'a script (`#!`)', 'give the module that it starts'],
  [[0x28, 0x6d, 0x6f, 0x64, 0x75, 0x6c, 0x65], 'a module in text form', 'save it as .wat, or turn it into a binary with `wasienv wat2wasm`'],
];

const SOURCE = [undefined, 'text, and no WebAssembly text', 'a source is compiled first: `wasienv cc FILE.c -o FILE.wasm`, and `wasienv c++` for C++'] as const;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
/** The first line, where it is text as people write it: printable ASCII, not a comment of WebAssembly text. */
const isSource = (bytes: Uint8Array): boolean => bytes.length >= 8 && bytes.subarray(0, 64).every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d);
const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean => start.every((byte, index) => bytes[index] === byte);

/** Throws E_NOT_WASM, E_COMPONENT, or E_DECODE for another version. */
export function checkHeader(bytes: Uint8Array): void {
  const next = 'give a .wasm file: the output of `wasienv cc` or another WebAssembly compiler';
  if (bytes.length < 4) throw new DecodeError('unexpected end', bytes.length, bytes.length === 0 ? 'the file is empty' : `the file has ${bytes.length} bytes`, { code: 'E_NOT_WASM', next });
  if (!startsWith(bytes, MAGIC)) {
    const [, what, instead] = STRANGERS.find(([start]) => startsWith(bytes, start)) ?? (isSource(bytes) ? SOURCE : []);
    throw new DecodeError('magic header not detected', 0, what === undefined ? `the file starts with ${hex(bytes.subarray(0, 4))}` : `this is ${what}`, { code: 'E_NOT_WASM', next: instead ?? next });
  }
  if (bytes.length < 8) throw new DecodeError('unexpected end', bytes.length, `the file has ${bytes.length} bytes`);
  const version = bytes[4]! | (bytes[5]! << 8);
  const layer = bytes[6]! | (bytes[7]! << 8);
  if (layer === COMPONENT_LAYER) {
    throw new DecodeError('unknown binary version', 4, 'this is a component, not a module', {
      code: 'E_COMPONENT',
      next: 'build for WASI preview 1 (`--target=wasm32-wasip1`), or take the core module out of the component with `wasm-tools component unbundle`',
    });
  }
  if (version !== VERSION || layer !== 0) throw new DecodeError('unknown binary version', 4, hex(bytes.subarray(4, 8)));
}
