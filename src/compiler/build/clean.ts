// The environment of a cross build, made from that of a shell: what is meant for builds for this machine goes, what
// names the toolchain comes. Pure.
import { pathVariable } from '../../base/look.js';
import type { Environment } from '../../base/surroundings.js';
import { LEAKING } from '../environment.js';

/** Beside what clang itself reads (`LEAKING`): what make, configure, cmake, cargo and pkg-config would take for the target. */
const FOR_THIS_MACHINE: ReadonlySet<string> = new Set([
  'CC', 'CXX', 'CPP', 'CXXCPP', 'AS', 'LD', 'AR', 'RANLIB', 'NM', 'STRIP', 'OBJCOPY', 'OBJDUMP', 'READELF', 'SIZE', 'LDSHARED', 'HOSTCC', 'HOSTCXX',
  'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'ASFLAGS', 'ASMFLAGS', 'LDFLAGS', 'LDLIBS', 'ARFLAGS', 'LIBS', 'LD_RUN_PATH', 'LDEMULATION',
  'PKG_CONFIG', 'PKG_CONFIG_PATH', 'PKG_CONFIG_LIBDIR', 'PKG_CONFIG_SYSROOT_DIR', 'PKG_CONFIG_TOP_BUILD_DIR', 'CONFIG_SITE',
  'CMAKE_TOOLCHAIN_FILE', 'CMAKE_PREFIX_PATH', 'CMAKE_INCLUDE_PATH', 'CMAKE_LIBRARY_PATH', 'CMAKE_C_COMPILER_LAUNCHER', 'CMAKE_CXX_COMPILER_LAUNCHER', 'CMAKE_OSX_SYSROOT',
  'WASI_SDK_PATH', 'WASI_SYSROOT', 'RUSTFLAGS', 'CARGO_ENCODED_RUSTFLAGS', 'CROSS_COMPILE', 'ARCH',
]);

/** Compilers of the host that a cross build may still need, for programs that the build itself runs. */
const FOR_BUILD: readonly (readonly [name: string, from: string])[] = [
  ['CC_FOR_BUILD', 'CC'], ['BUILD_CC', 'CC'], ['HOSTCC', 'CC'], ['HOST_CC', 'CC'], ['CXX_FOR_BUILD', 'CXX'], ['BUILD_CXX', 'CXX'], ['HOSTCXX', 'CXX'], ['HOST_CXX', 'CXX'], ['HOST_AR', 'AR'],
  ['CFLAGS_FOR_BUILD', 'CFLAGS'], ['CXXFLAGS_FOR_BUILD', 'CXXFLAGS'], ['LDFLAGS_FOR_BUILD', 'LDFLAGS'],
];

export interface CleanRequest {
  readonly env: Environment;
  /** Set in the result, whatever stood there. */
  readonly variables: Readonly<Record<string, string>>;
  /** In front of PATH. */
  readonly path: readonly string[];
  readonly separator: ':' | ';';
  /** Names that pass although they are meant for this machine. */
  readonly keep: readonly string[];
  /** This machine's own compilers, where there are any. */
  readonly own: Readonly<Partial<Record<string, string | undefined>>>;
}

export interface CleanEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** What of the old environment is no longer there, or is ours now; for the notes. */
  readonly removed: readonly string[];
}

export function cleanBuildEnvironment({ env, variables, path, separator, keep, own }: CleanRequest): CleanEnvironment {
  const result: Record<string, string> = {};
  const removed: string[] = [];
  const stays = (name: string): boolean => keep.includes(name) || !(LEAKING.has(name.toUpperCase()) || FOR_THIS_MACHINE.has(name));
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (stays(name)) result[name] = name === 'MAKEFLAGS' ? withoutDefinitions(value) : value;
    else if (value !== '' && variables[name] !== value) removed.push(name);
  }
  // A make above this one leaves its definitions in three places: `make CC=gcc` would come through.
  if (!keep.includes('MAKEFLAGS')) for (const name of ['MAKEOVERRIDES', 'GNUMAKEFLAGS', 'MFLAGS']) delete result[name];
  for (const [name, from] of FOR_BUILD) {
    const value = env[name] ?? env[from] ?? own[from];
    if (value !== undefined && value !== '' && !/wasm32/.test(value)) result[name] ??= value;
  }
  for (const [name, value] of Object.entries(variables)) if (!(keep.includes(name) && env[name] !== undefined)) result[name] = value;
  const pathName = pathVariable(result, separator === ';' ? 'win32' : 'linux');
  const rest = (result[pathName] ?? '').split(separator).filter((directory) => directory !== '' && !path.includes(directory));
  result[pathName] = [...path, ...rest].join(separator);
  return { env: result, removed: removed.sort() };
}

/** MAKEFLAGS without `-- CC=gcc …`; switches and the job server of the make above stay. */
function withoutDefinitions(flags: string): string {
  return flags.replace(/(?:^|\s)--(?:\s.*)?$/s, '').trimEnd();
}
