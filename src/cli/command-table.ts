// Every command, by name, with the file that describes it. Adding a command is one file and one row here. Files load
// when their command is typed, so that `wasienv run` never waits for what only `setup` needs.
import type { Command } from './command.js';

interface Row {
  readonly group: 'start' | 'keep' | 'build' | 'look' | 'about';
  readonly load: () => Promise<Command>;
}

export const GROUPS = { start: 'Set up', build: 'Build and run', keep: 'Keep house', look: 'Object files and modules', about: 'About' } as const satisfies Record<Row['group'], string>;

export const COMMANDS = {
  setup: { group: 'start', load: async () => (await import('./commands/setup.js')).setup },
  verify: { group: 'start', load: async () => (await import('./commands/verify.js')).verify },
  doctor: { group: 'start', load: async () => (await import('./commands/doctor.js')).doctor },
  init: { group: 'build', load: async () => (await import('./commands/init.js')).init },
  cc: { group: 'build', load: async () => (await import('./commands/cc.js')).cc },
  'c++': { group: 'build', load: async () => (await import('./commands/cc.js')).cxx },
  rustc: { group: 'build', load: async () => (await import('./commands/rust.js')).rustc },
  cargo: { group: 'build', load: async () => (await import('./commands/rust.js')).cargo },
  exec: { group: 'build', load: async () => (await import('./commands/exec.js')).exec },
  toolchain: { group: 'build', load: async () => (await import('./commands/toolchain.js')).toolchain },
  env: { group: 'build', load: async () => (await import('./commands/env.js')).env },
  run: { group: 'build', load: async () => (await import('./commands/run.js')).run },
  explain: { group: 'build', load: async () => (await import('./commands/explain.js')).explain },
  inspect: { group: 'look', load: async () => (await import('./commands/inspect.js')).inspect },
  validate: { group: 'look', load: async () => (await import('./commands/validate.js')).validate },
  wat2wasm: { group: 'look', load: async () => (await import('./commands/wat2wasm.js')).wat2wasm },
  wasm2wat: { group: 'look', load: async () => (await import('./commands/wasm2wat.js')).wasm2wat },
  ar: { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).ar },
  nm: { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).nm },
  ranlib: { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).ranlib },
  objdump: { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).objdump },
  size: { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).size },
  strip: { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).strip },
  'wasm-ld': { group: 'look', load: async () => (await import('./commands/llvm-tools.js')).wasmLd },
  lock: { group: 'keep', load: async () => (await import('./commands/lock.js')).lock },
  pack: { group: 'keep', load: async () => (await import('./commands/pack.js')).pack },
  list: { group: 'keep', load: async () => (await import('./commands/list.js')).list },
  'list-remote': { group: 'keep', load: async () => (await import('./commands/list-remote.js')).listRemote },
  which: { group: 'keep', load: async () => (await import('./commands/which.js')).which },
  use: { group: 'keep', load: async () => (await import('./commands/use.js')).use },
  uninstall: { group: 'keep', load: async () => (await import('./commands/uninstall.js')).uninstall },
  prune: { group: 'keep', load: async () => (await import('./commands/prune.js')).prune },
  completion: { group: 'about', load: async () => (await import('./commands/completion.js')).completion },
  help: { group: 'about', load: async () => (await import('./commands/help.js')).help },
} as const satisfies Readonly<Record<string, Row>>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

export const loadCommand = (name: CommandName): Promise<Command> => COMMANDS[name].load();
