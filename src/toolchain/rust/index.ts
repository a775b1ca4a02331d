// Rust: the compilers of this machine, the standard library for WASI, the linker that fits, and how they are set up.
export { findRusts, listRusts, askRust, listToolchains, type RustFacts, type RustFinding } from './find.js';
export { howToAddStd, noRustLinker, rustupCommand } from './errors.js';
export { overlayProgram } from './overlay.js';
export { isBefore, meansPreview1, RUST_PREVIEW1, type RustTargetName } from './target.js';
export { currentRust, findRust, installedRust, isRustPath, linkerFor, readRustChoice, readyTarget, type RustChoice, type RustPrograms, type RustToolchain, type RustWorld } from './use.js';
export { finishRust, planRust, type RustPlan, type RustRequest } from './setup.js';
export type { LinkerChoice } from './linker.js';
