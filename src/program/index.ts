// A program: bytes to module to exit status.
export { originOf, unmetImports, type UnmetImport } from './imports.js';
export { loadModule, loadModuleOrText, requireCommand } from './load.js';
export { runProgram, type ExitStatus, type ProgramOptions } from './run.js';
