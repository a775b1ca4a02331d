// wasienv as a library: the same rooms the command line uses, without its printing. The engine alone is `wasienv/wasm`.
// Nothing here reads the environment of the process: what a function needs of the world, it is given.
export { ERROR_CODES, WasienvError, type ErrorCode } from './base/errors.js';
export type { Environment } from './base/surroundings.js';
export { Collector, compile, runTool, type ByteSink, type CompileOptions, type ToolIo, type ToolOptions } from './compiler/index.js';
export { loadEngine, loadModule, runProgram, runThreads, type Engine, type ExitStatus, type ProgramOptions, type ThreadsOptions } from './program/index.js';
export { currentToolchain, homeDirectory, planSetup, runPlan, type Plan, type SetupEvent, type SetupRequest, type Toolchain } from './toolchain/index.js';
export type { WasiObserver, WasiOptions } from './wasi/index.js';
