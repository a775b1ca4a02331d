// A program: bytes to module to exit status.
export { needsThreads, originOf, unmetImports, type UnmetImport } from './imports.js';
export { loadModule, loadModuleOrText, requireCommand } from './load.js';
export type { Engine, EngineName } from './engine.js';
export type { CStack } from './c-stack.js';
export type { ProgramLimits } from './limits.js';
export type { Module, Probes, StackFrame } from '../wasm/index.js';
export { hasSourceLines, withSourceLines } from './source-lines.js';
export { loadEngine, runProgram, type Counting, type ExitStatus, type ProgramOptions } from './run.js';
export { openSockets } from './sockets.js';
export { runThreads } from './with-threads.js';
export type { ThreadsOptions } from './threads/run.js';
export { Clues } from '../wasi/index.js';
