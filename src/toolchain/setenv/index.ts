// What other rooms use of the environment: the list of variables, its renderers, and the names of the shims.
export { BARE_SHIMS, HOST_SHIMS, SHIMS, SHIM_PREFIXES, shimDirectories, shimFile, type ShimTask } from './shim-names.js';
export { environmentOf, offersTask, type EnvironmentRequest, type EnvironmentVariable, type ToolEnvironment } from './variables.js';
export { SHELL_TABLE, environmentScripts, renderEnvironment, useLine, type Shell } from './render.js';
export { environmentChanges, type EnvironmentChange } from './changes.js';
export { cmdWord } from './quote.js';
