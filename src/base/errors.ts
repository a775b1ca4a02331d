// The one shape of everything that goes wrong for a known reason. Rooms make their errors in an `errors.ts` of
// their own; the front door (cli) prints them in one spot. `ERROR_CODES` is the list users see: `wasienv help errors`.

/** Every code wasienv can print, with its meaning. Codes are stable: they are never renamed or given a new meaning. */
export const ERROR_CODES = {
  E_USAGE: 'the command line is not one wasienv understands',
  E_INTERNAL: 'a fault of wasienv itself',
  E_INTERRUPTED: 'stopped by Ctrl-C or a signal before the work was done',
  E_NODE_TOO_OLD: 'this Node.js is older than wasienv supports',
  E_NOT_BUILT: 'this copy of wasienv lacks its compiled files',
  E_FILE: 'a file or directory named by the user cannot be read or written',

  E_HOME_UNWRITABLE: "wasienv's home cannot be written",
  E_DISK_FULL: 'the disk, or the quota on it, is full',
  E_LOCKED: 'another wasienv is changing the same home',
  E_RECEIPT: 'a receipt or other file of the home cannot be understood',

  E_NETWORK: 'a server cannot be reached',
  E_PROXY: 'a proxy refused or broke the connection',
  E_TLS: "a server's certificate was not accepted",
  E_HTTP: 'a server answered with an error',
  E_STALLED: 'a download stopped sending',
  E_TRUNCATED: 'a download ended before its last byte',
  E_DIGEST: 'bytes do not match the digest of the manifest',
  E_WITNESSES: 'fewer independent projects pin a digest than were asked for',
  E_HOST: 'this machine cannot run the programs of a component',
  E_ARCHIVE: 'an archive is damaged, or tries to write where it must not',
  E_MANIFEST: 'a manifest cannot be understood',
  E_UNKNOWN_VERSION: 'no such component, version or source',
  E_SOURCE: 'a source cannot provide what was asked on this machine',

  E_PIN: 'what a project wants (wasienv.json, WASIENV_TOOLCHAIN) cannot be understood',
  E_PROJECT_LOCK: 'wasienv.lock is missing, out of date, or contradicts the manifests',
  E_OFFLINE: 'a connection would be needed, and --offline forbids it',

  E_NO_TOOLCHAIN: 'no toolchain is installed',
  E_NOT_INSTALLED: 'a component, or this version of it, is not installed',
  E_IN_USE: 'a component in use is not removed without --force',
  E_DAMAGED: 'an installed component has lost or changed files',
  E_CLANG_NO_WASM: 'a clang was built without the WebAssembly back end, or is older than WASI',
  E_NO_WASM_LD: 'no wasm-ld that matches the clang',
  E_NO_SYSROOT: 'no WASI sysroot (headers, libc, crt1)',
  E_NO_BUILTINS: 'no compiler-rt builtins library for wasm32',
  E_NO_RUST: 'no usable Rust compiler is on this machine',
  E_NO_RUST_STD: 'a Rust compiler has no standard library for WASI, or none that fits it',
  E_NO_TOOL: 'the installed toolchain does not have this tool',
  E_MODE: 'the installed toolchain lacks what an option of cc (--exceptions, --setjmp …) needs',
  E_COMPILER: 'the compiler itself crashed or could not be started',
  E_PROOF: 'a proof program did not do what it must',

  E_NOT_WASM: 'the file is not a WebAssembly module',
  E_COMPONENT: 'the file is a WebAssembly component, not a module',
  E_DECODE: 'a WebAssembly binary is malformed',
  E_PARSE: 'a WebAssembly text is malformed',
  E_INVALID: 'a WebAssembly module is not valid',
  E_UNSUPPORTED: 'a module uses a feature this version of the engine does not run yet',
  E_LIMIT: "a module asks for more than the engine's documented limits",
  E_LINK: "an import of a module is missing or of another type",
  E_NO_START: 'the module is not a WASI command: it has no `_start`',
  E_TRAP: 'the program trapped',
  E_EXCEPTION: 'the program threw a WebAssembly exception that nothing caught',
  E_EXHAUSTION: 'the program called too deep for this engine',
  E_LIMIT_MEMORY: 'the program starts with more memory than --max-memory allows',
  E_LIMIT_FUEL: 'the program performed more instructions than --fuel allows',
  E_LIMIT_DEPTH: 'the program nested more calls than --max-depth allows',
  E_LIMIT_TIME: 'the program ran longer than --timeout allows',
  E_RECORDING: 'a recording cannot be understood, is of another module, or was cut off',
  E_DIVERGED: 'a replayed program, or the second engine of --cross-check, did something else than the first run',
  E_NO_LINES: 'the module has no debug information that tells lines of its source',
  E_PREOPEN: 'a directory given with --dir cannot be opened',
  E_LISTEN: 'an address given with --listen cannot be listened on',
} as const satisfies Record<`E_${string}`, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorParts {
  /** Where it happened, as `label value` lines: `from https://…`, `file /path`, `at offset 0x1f`. */
  readonly where?: ReadonlyArray<readonly [label: string, value: string]>;
  /** What the person should do, in the imperative; may hold several lines. */
  readonly next?: string;
  readonly cause?: unknown;
}

/** An expected failure: a lower-case fact with its subject named, then the place, then what to do. */
export class WasienvError extends Error {
  override readonly name: string = 'WasienvError';
  readonly code: ErrorCode;
  readonly where: ReadonlyArray<readonly [label: string, value: string]>;
  readonly next: string | undefined;

  constructor(code: ErrorCode, fact: string, parts: ErrorParts = {}) {
    super(fact, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.where = parts.where ?? [];
    this.next = parts.next;
  }
}

/** An impossible state: always a bug of ours, never the user's doing. */
export class InternalError extends WasienvError {
  override readonly name = 'InternalError';
  constructor(fact: string, cause?: unknown) {
    super('E_INTERNAL', `BUG: ${fact}`, { cause });
  }
}
