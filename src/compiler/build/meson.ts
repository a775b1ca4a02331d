// Meson: a cross file, and where on its command line it goes.
// source: mesonbuild.com, "Cross compilation" and "Built-in options".
import type { CrossTool, CrossTools } from './cross.js';

export const MESON_FILE = 'wasi.ini';

/** The same with a launcher in front of the compilers: Meson reads it again whenever it reconfigures, so it must stay. */
export const mesonLauncherFile = (launcher: string): string => `wasi-${launcher}.ini`;

/** A string of Meson's language: only `` and `'` are escaped. */
const word = (value: string): string => `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
const list = (values: readonly string[]): string => (values.length === 1 ? word(values[0]!) : `[${values.map(word).join(', ')}]`);

const BINARIES: readonly (readonly [name: string, tool: CrossTool])[] = [['c', 'CC'], ['cpp', 'CXX'], ['ar', 'AR'], ['nm', 'NM'], ['ranlib', 'RANLIB'], ['strip', 'STRIP'], ['objdump', 'OBJDUMP']];

/** `launcher`: stands in front of the compilers, as ccache does. */
export function mesonCrossFile({ tools, run, pkgConfigDirs, sysroot }: CrossTools, title: string, launcher: readonly string[] = []): string {
  const binaries = BINARIES.flatMap(([name, tool]) => {
    const file = tools[tool];
    return file === undefined ? [] : [`${name} = ${list(tool === 'CC' || tool === 'CXX' ? [...launcher, file] : [file])}`];
  });
  return `# ${title}
# For Meson: meson setup --cross-file FILE BUILD-DIRECTORY
[binaries]
${binaries.join('\n')}
exe_wrapper = ${word(run)}
pkgconfig = 'pkg-config'

[properties]
needs_exe_wrapper = true
sys_root = ${word(sysroot)}
pkg_config_libdir = ${list(pkgConfigDirs)}

[built-in options]
# There are no shared libraries for preview 1, and wasm-ld knows no --as-needed and no --no-undefined.
default_library = 'static'
b_asneeded = false
b_lundef = false
b_staticpic = false

[host_machine]
system = 'wasi'
cpu_family = 'wasm32'
cpu = 'wasm32'
endian = 'little'
`;
}

/** Modes of the compiler for whatever a build directory compiles and links; a second cross file beside the first. */
export function mesonModesFile(modes: readonly string[]): string {
  return `# Modes of \`wasienv exec\`, for Meson: a build directory reads this file again when it reconfigures.
[built-in options]
${['c_args', 'c_link_args', 'cpp_args', 'cpp_link_args'].map((name) => `${name} = [${modes.map(word).join(', ')}]`).join('\n')}
`;
}

/** Its name, which tells the modes. */
export const mesonModesName = (modes: readonly string[]): string => `${modes.join('_').replace(/[^\w=,.-]/g, '-').replace(/^-+/, '')}.ini`;

/** Subcommands of Meson that set nothing up; `meson BUILD-DIRECTORY` without one is `meson setup`. */
const SUBCOMMANDS = /^(?:configure|dist|install|introspect|init|test|wrap|subprojects|rewrite|compile|devenv|env2mfile|help|format|fmt|reprotest|runpython|unstable-coredata|-h|--help|-v|--version)$/;

/** `meson ARGS` with the cross files, unless the user names one or sets nothing up. */
export function mesonArguments(args: readonly string[], ...files: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  if (first === undefined || SUBCOMMANDS.test(first) || args.some((argument) => /^--cross-file\b/.test(argument))) return args;
  const added = files.flatMap((file) => ['--cross-file', file]);
  return first === 'setup' ? [first, ...added, ...rest] : [...added, ...args];
}
