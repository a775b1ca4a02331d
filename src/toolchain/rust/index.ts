// Rust: the compilers of this machine, the standard library for WASI, the linker that fits, and how they are set up.
export { findRusts, askRust, listToolchains, type RustFacts, type RustFinding } from './find.js';
export { howToAddStd, noRustLinker } from './errors.js';
export { overlayProgram } from './overlay.js';
export { meansPreview1, type RustTargetName } from './target.js';
export { currentRust, findRust, installedRust, linkerFor, readRustChoice, readyTarget, type RustChoice, type RustPrograms, type RustToolchain, type RustWorld } from './use.js';
export { finishRust, planRust, type RustPlan, type RustRequest } from './setup.js';
export type { LinkerChoice } from './linker.js';
