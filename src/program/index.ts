// A program: bytes to module to exit status.
export { loadModule, requireCommand } from './load.js';
export { originOf, unmetImports, type UnmetImport } from './imports.js';
