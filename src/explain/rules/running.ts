// Running WebAssembly: with wasienv, and with the runtimes and engines people have.
import type { Rule } from '../rule.js';

export const RUNNING_RULES: readonly Rule[] = [
  {
    id: 'missing-preopen',
    title: 'the program was given no directory that holds this path',
    printedBy: 'programs in Rust, under any runtime',
    messages: [/failed to find a pre-?opened file descriptor through which \\?["'](?<path>[^"'\\]+)\\?["'] could be opened/],
    cause: ({ path }) => `a WASI program sees only what it is given, and nothing it was given covers ${path}`,
    next: ({ path }) => `\`wasienv run --dir ${directoryOf(path)} FILE.wasm\``,
  },
  {
    id: 'not-capable',
    title: 'the program reached for something outside of what it was given',
    printedBy: 'wasi-libc and Rust, under any runtime',
    messages: [/Capabilities insufficient(?: \(os error 76\))?/, /\(os error 76\)/, /code: 76, kind: \w+/, /Operation not permitted \(os error 63\)/, /code: 63, kind: PermissionDenied/],
    cause: 'errno 76, ENOTCAPABLE, or 63, EPERM: a path that leads out of its directory (`..`, a link), a directory granted for reading only, or an operation the descriptor has no right to',
    next: '`wasienv run --strace …` shows the call and the path; grant the directory above: `--dir HOST::GUEST`, without `:ro` for writing',
  },
  {
    id: 'no-such-file-wasi',
    title: 'a file was not found from inside the sandbox',
    printedBy: 'programs in Rust, under any runtime',
    messages: [/No such file or directory \(os error 44\)/],
    cause: 'errno 44 is WASI’s ENOENT: the name is looked up in the directories the program was given, under the names they have for the guest',
    next: 'grant the directory of the file: `wasienv run --dir . FILE.wasm`, or `--dir HOST::GUEST` when the program expects another name',
  },
  {
    id: 'wasi-unstable',
    title: 'the module was built for WASI of 2019',
    printedBy: 'wasmtime 13 and newer, and other runtimes',
    messages: [/unknown import: `wasi_unstable::(?<function>\w+)`/, /Missing import: module="wasi_unstable"/, /wasi_unstable\S* .*(?:unknown import|not defined)/, /module="wasi_unstable".*(?:error|not)/],
    cause: '`wasi_unstable` (preview 0) was renamed to `wasi_snapshot_preview1` in 2019, and some functions changed with it; most runtimes no longer have the old one',
    next: '`wasienv run FILE` runs either; better, build it anew with `wasienv cc`',
  },
  {
    id: 'preview1-not-linked',
    title: 'the host gave the module no WASI',
    printedBy: 'wasmtime as a library, Node.js, browsers, wasmer as a library',
    messages: [/unknown import: `wasi_snapshot_preview1::(?<function>\w+)` has not been defined/, /Import #\d+ (?:module=)?"?wasi_snapshot_preview1\b/, /Error while importing "wasi_snapshot_preview1"/],
    cause: 'the module needs preview 1, and whoever instantiates it must provide that: a library has a call for it, a browser needs a shim',
    next: '`wasienv run FILE` to see it run; in wasmtime’s library `add_to_linker`, in Node.js `new WASI(…).getImportObject()`',
  },
  {
    id: 'wasm-bindgen-import',
    title: 'the module was built for a browser with wasm-bindgen',
    printedBy: 'any runtime',
    messages: [/unknown import: `(?:__wbindgen_\w+|wbg)::/, /function (?:__wbindgen_\w+|wbg)\./, /module="(?:__wbindgen_placeholder__|wbg)"/],
    cause: 'its imports are functions of JavaScript that wasm-bindgen writes',
    next: 'build for WASI: `wasienv cargo build`, and leave out what needs a browser (js-sys, web-sys; features `wasm-bindgen`, `js`)',
  },
  {
    id: 'env-import',
    title: 'the module imports a function that nobody defined',
    printedBy: 'any runtime',
    messages: [/unknown import: `env::(?<function>[\w$.]+)`/, /function env\.(?<function>[\w$.]+)\s*$/, /Import #\d+ "env" "(?<function>[\w$.]+)"/, /module="env" function="(?<function>[\w$.]+)"/],
    cause: ({ function: name }) => `\`${name}\` was declared and never linked: with \`--allow-undefined\` the linker makes an import of it, and Rust passes that option`,
    next: ({ function: name }) => `link the object or library with \`${name}\` in it; in Rust a \`build.rs\` that compiles the C code, or \`#[link(name = …)]\``,
  },
  {
    id: 'component-as-module',
    title: 'the file is a component, not a module',
    printedBy: 'Node.js, browsers, runtimes without components',
    messages: [/expected version 01 00 00 00, found 0d 00 01 00/, /cannot (?:parse|load|compile) a component (?:as|with)/i, /unknown binary version.*0x1000d/, /error\[E_COMPONENT\]/, /unexpected (?:component|version) 0x1000d/],
    cause: 'components (WASI 0.2 and later) have their own binary format around modules',
    next: 'build for `wasm32-wasip1`, which makes a module; or run it with a runtime for components: `wasmtime run FILE`',
  },
  {
    id: 'not-wasm',
    title: 'the file is not WebAssembly',
    printedBy: 'Node.js, browsers, any runtime',
    messages: [/expected magic word 00 61 73 6d, found (?<bytes>(?:[0-9a-f]{2} ?)+)/, /magic header not detected: bad magic number/, /error\[E_NOT_WASM\]/],
    cause: ({ bytes }) => (bytes?.startsWith('3c ') ? 'it begins with `<`: a page of HTML, most often an error page that was saved in its place' : 'it does not begin with `\\0asm`: an object of another machine, a text, or a download that went wrong'),
    next: '`file FILE` and `head -c 64 FILE` show what it is; `wasienv run` takes the text format as well',
  },
  {
    id: 'feature-off',
    title: 'the runtime does not know a feature that the module uses',
    printedBy: 'wasmtime, Node.js, wasm3, and older versions of any runtime',
    messages: [/(?<feature>[\w -]{1,60}) (?:support is not enabled|proposal not enabled|feature (?:is )?not enabled)/, /(?:[Ii]nvalid|unknown) opcode:? 0x(?<opcode>fc|fd|fe|06|08|1f)\b/, /invalid value type 0x(?:7b|69|6f|70|64)/],
    cause: ({ feature, opcode }) => `${feature?.trim() || (opcode === 'fd' ? 'vector instructions' : opcode === 'fe' ? 'threads' : opcode === 'fc' ? 'bulk memory or saturating conversions' : opcode ? 'exceptions' : 'a newer type')}: clang 20 and newer use several features unless told otherwise`,
    next: 'run it with `wasienv run`, which has all of WebAssembly 3.0; or build with `-mcpu=mvp`, or turn the feature on (wasmtime: `-W all-proposals=y`)',
  },
  {
    id: 'stack-exhausted',
    title: 'the program called too deep, or overran its own stack',
    printedBy: 'any runtime',
    messages: [/wasm trap: call stack exhausted/, /RangeError: Maximum call stack size exceeded/, /error\[E_EXHAUSTION\]: call stack/],
    cause: 'recursion without an end, or deeper than the engine allows',
    next: '`wasienv run` prints the calls with names when it is built with `-g`; `--stack-size` is about the other stack, the one C keeps in memory (64 KiB with a plain clang)',
  },
  {
    id: 'out-of-bounds',
    title: 'the program used an address outside of its memory',
    printedBy: 'any runtime',
    messages: [/(?:wasm trap: |RuntimeError: )(?:out of bounds memory access|memory access out of bounds)/, /error\[E_TRAP\]: out of bounds memory access/],
    cause: 'a wild pointer, or a C stack that grew over its end: a plain clang gives 64 KiB and no guard',
    next: 'build with `wasienv cc -g`, whose traps name source lines, and `--stack-size 8M` if it recurses deep or has large local arrays',
  },
  {
    id: 'unreachable-trap',
    title: 'the program ended itself',
    printedBy: 'any runtime',
    messages: [/wasm trap: (?:wasm )?`?unreachable`?/, /RuntimeError: unreachable/, /error\[E_TRAP\]: unreachable/],
    cause: 'abort(), a failed assert, a panic in Rust, an exception that nobody caught, or a function called with another type than it has (a linker warning `function signature mismatch` tells)',
    next: 'what the program printed before says why; build with `-g` and run with `wasienv run` for names and source lines',
  },
  {
    id: 'threads-need-memory',
    title: 'a module with threads must import and export its memory',
    printedBy: 'wasmtime and other runtimes with wasi-threads',
    messages: [/(?:memory|shared memory) .*(?:must be imported|not imported).*thread/i, /unknown import: `wasi::thread[-_]spawn`/, /function wasi\.thread-spawn/],
    cause: 'wasi-threads starts another instance over the same memory, so the memory must come from outside and be shared',
    next: 'build with `wasienv cc --threads` (that is `-pthread -Wl,--import-memory,--export-memory,--max-memory=…`); `wasienv run` runs it as it is, Wasmtime with `-S threads`',
  },
];

function directoryOf(path: string | undefined): string {
  if (path === undefined || !path.includes('/')) return '.';
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
