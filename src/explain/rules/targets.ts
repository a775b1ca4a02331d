// Names of targets, which rustc, clang and wasi-sdk changed at different times.
import type { Rule } from '../rule.js';

export const TARGET_RULES: readonly Rule[] = [
  {
    id: 'rustup-target-renamed',
    title: 'Rust calls this target by another name now',
    printedBy: 'rustup with rustc 1.84 and newer, and the other way round before 1.78',
    messages: [/toolchain '(?<toolchain>[^']*)' does not support target '(?<old>wasm32-wasi[^']*)'; did you mean '(?<name>[^']*)'/, /component 'rust-std' for target '(?<old>wasm32-wasi[^']*)' is unavailable/],
    cause: ({ old, name }) => `\`wasm32-wasi\` became \`wasm32-wasip1\` in Rust: both from 1.78 on, only the new name from 1.84 on. This toolchain does not know \`${old}\`${name ? `; it has \`${name}\`` : ''}`,
    next: ({ name }) => `\`wasienv setup rust-target\` adds the target under the name this rustc knows; by hand: \`rustup target add ${name || 'wasm32-wasip1'}\``,
  },
  {
    id: 'rustc-target-renamed',
    title: 'this rustc does not know that name of the target',
    printedBy: 'rustc 1.84 and newer for `wasm32-wasi`, before 1.78 for `wasm32-wasip1`',
    messages: [/[Cc]ould not find specification for target "(?<target>wasm32-wasi[^"]*)"/, /Can't find target: (?<target>wasm32-wasi\S*)/],
    cause: ({ target }) => (target === 'wasm32-wasi' ? 'rustc 1.84 and newer call it `wasm32-wasip1`' : 'rustc before 1.78 calls it `wasm32-wasi`'),
    next: '`wasienv rustc` and `wasienv cargo` understand either name; else change it in `--target`, CARGO_BUILD_TARGET or .cargo/config.toml',
  },
  {
    id: 'rust-target-renaming',
    title: 'the target `wasm32-wasi` is going away',
    printedBy: 'rustc 1.81 to 1.83',
    messages: [/the `wasm32-wasi` target is being renamed to `wasm32-wasip1`/],
    cause: 'a warning only; with rustc 1.84 the old name stops working',
    next: 'write `wasm32-wasip1` in scripts and in .cargo/config.toml; `wasienv cargo` chooses the name this rustc knows',
  },
  {
    id: 'clang-target-deprecated',
    title: 'clang warns of the old name of the target',
    printedBy: 'clang 22 and newer',
    messages: [/argument '--target=(?<old>wasm32-wasi(?:-threads)?)' is deprecated/],
    cause: 'a warning only: `wasm32-wasi` and `wasm32-wasip1` are the same target',
    next: 'write `--target=wasm32-wasip1`, or leave `--target` out with `wasienv cc`',
  },
  {
    id: 'rust-std-missing',
    title: 'Rust’s standard library for this target is not installed',
    printedBy: 'rustc, any version',
    messages: [/error\[E0463\]: can't find crate for `(?<crate>std|core)`/],
    around: /the `(?<target>wasm32-wasi[^`]*)` target may not be installed/,
    cause: ({ target }) => `this rustc has no library for ${target}; cargo may also be using another rustc than the one \`rustup target add\` was run for (\`which -a rustc\`)`,
    next: '`wasienv setup rust-target`, which adds it and proves it',
  },
  {
    id: 'wrong-wasm-target',
    title: 'the program was built for `wasm32-unknown-unknown`, which is not WASI',
    printedBy: 'the crates getrandom, uuid and others in Rust',
    messages: [/the wasm\*?(?:32)?-unknown-unknown targets? (?:is|are) not supported by default/],
    cause: '`wasm32-unknown-unknown` has no files, no clock and no random numbers: it is meant for browsers',
    next: 'build for WASI: `wasienv cargo build`, that is `--target wasm32-wasip1`',
  },
];
