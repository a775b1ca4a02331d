// Where things are in what was unpacked. The dialects are data (manifests/layouts.json); here they are compared with
// the files that came, put on Windows' terms, and several components are put together into one toolchain. Pure.
import path from 'node:path';
import type { ComponentLayout, ToolchainLayout, ToolName } from './types.js';

/** A layout that fits the files, and those of them without which nothing compiles; or what is missing, for people. */
export type Settled = { readonly layout: ComponentLayout; readonly keyFiles: readonly string[] } | { readonly missing: readonly string[] };

/**
 * Compares a layout of the manifests with what an archive really held. Two things the manifests need not know exactly:
 * which of the lesser LLVM tools a release ships, and the number in `lib/clang/NUMBER` when there is only one.
 */
export function settleLayout(layout: ComponentLayout, files: ReadonlySet<string>): Settled {
  const settled = withExistingTools(withExistingResourceDir(layout, files), files);
  const keyFiles: string[] = [];
  const missing: string[] = [];
  for (const alternatives of requirements(settled)) {
    const found = alternatives.find((file) => files.has(file));
    if (found === undefined) missing.push(alternatives.join(' or '));
    else keyFiles.push(found);
  }
  if (settled.rustStd !== undefined) {
    const library = join(settled.rustStd, `lib/rustlib/${settled.target}/lib/libstd-`);
    const std = [...files].find((file) => file.startsWith(library) && file.endsWith('.rlib'));
    if (std === undefined) missing.push(`${library}*.rlib`);
    else keyFiles.push(std);
  }
  return missing.length > 0 ? { missing } : { layout: settled, keyFiles };
}

/** Files a component with this layout cannot do without; of each list one is enough. */
function requirements(layout: ComponentLayout): readonly (readonly string[])[] {
  const { programs, resourceDir, sysroot, builtins, target, rustc } = layout;
  const wanted: string[][] = [];
  if (programs?.kind === 'portable') wanted.push([programs.module]);
  if (programs?.kind === 'native') {
    for (const tool of ['clang', 'clang++', 'wasm-ld'] as const) wanted.push([programs.tools[tool] ?? tool]);
  }
  if (resourceDir !== undefined) wanted.push([join(resourceDir, 'include/stddef.h')]);
  if (sysroot !== undefined) {
    wanted.push(
      // Headers for all targets together until 21, for each target since.
      [join(sysroot, `include/${target}/stdio.h`), join(sysroot, 'include/stdio.h')],
      [join(sysroot, `lib/${target}/libc.a`)],
      // Commands and reactors have start files of their own since wasi-libc of late 2020.
      [join(sysroot, `lib/${target}/crt1-command.o`), join(sysroot, `lib/${target}/crt1.o`)],
    );
  }
  if (builtins !== undefined) wanted.push([builtins]);
  if (rustc !== undefined) for (const name of ['rustc', 'cargo', 'wasm-ld']) wanted.push([join(path.posix.dirname(rustc), name)]);
  return wanted;
}

function withExistingResourceDir(layout: ComponentLayout, files: ReadonlySet<string>): ComponentLayout {
  const { resourceDir, builtins } = layout;
  if (resourceDir === undefined || files.has(join(resourceDir, 'include/stddef.h'))) return layout;
  const parent = path.posix.dirname(resourceDir);
  const found = [...files].flatMap((file) => (file.startsWith(`${parent}/`) && /^[^/]+\/include\/stddef\.h$/.test(file.slice(parent.length + 1)) ? [path.posix.dirname(path.posix.dirname(file))] : []));
  const [only] = found;
  if (only === undefined || found.length > 1) return layout;
  const moved = builtins?.startsWith(`${resourceDir}/`) === true ? { builtins: only + builtins.slice(resourceDir.length) } : {};
  return { ...layout, resourceDir: only, ...moved };
}

function withExistingTools(layout: ComponentLayout, files: ReadonlySet<string>): ComponentLayout {
  const { programs } = layout;
  if (programs?.kind !== 'native') return layout;
  const needed: readonly string[] = ['clang', 'clang++', 'wasm-ld'];
  const tools = Object.entries(programs.tools).filter(([tool, file]) => needed.includes(tool) || files.has(file));
  return { ...layout, programs: { kind: 'native', tools: Object.fromEntries(tools) } };
}

/** Programs have another name on Windows. */
export function layoutOn(platform: NodeJS.Platform, layout: ComponentLayout): ComponentLayout {
  const { programs } = layout;
  if (platform !== 'win32' || programs?.kind !== 'native') return layout;
  const tools = Object.entries(programs.tools).map(([tool, file]) => [tool as ToolName, /\.exe$/i.test(file) ? file : `${file}.exe`] as const);
  return { ...layout, programs: { kind: 'native', tools: Object.fromEntries(tools) } };
}

/** The same layout with absolute paths: relative ones are below `directory`. */
export function absoluteLayout<Layout extends ComponentLayout>(layout: Layout, directory: string): Layout {
  const absolute = (relative: string): string => path.resolve(directory, relative);
  const { sysroot, resourceDir, builtins, rustStd, rustc, programs } = layout;
  return {
    ...layout,
    ...(sysroot === undefined ? {} : { sysroot: absolute(sysroot) }),
    ...(resourceDir === undefined ? {} : { resourceDir: absolute(resourceDir) }),
    ...(builtins === undefined ? {} : { builtins: absolute(builtins) }),
    ...(rustStd === undefined ? {} : { rustStd: absolute(rustStd) }),
    ...(rustc === undefined ? {} : { rustc: absolute(rustc) }),
    ...(programs === undefined ? {} : {
      programs: programs.kind === 'portable'
        ? { kind: 'portable', module: absolute(programs.module) }
        : { kind: 'native', tools: Object.fromEntries(Object.entries(programs.tools).map(([tool, file]) => [tool, absolute(file)])) },
    }),
  };
}

/**
 * One toolchain from a compiler's own parts and, for what it lacks, those of other components: its own always come
 * first, because clang, libc++ and builtins of one release are made for each other. The names of targets are the
 * sysroot's. Answers with the name of the first part that nobody brings.
 */
export function assemble(compiler: ComponentLayout, parts: { readonly sysroot?: ComponentLayout; readonly builtins?: ComponentLayout }): ToolchainLayout | 'programs' | 'resourceDir' | 'sysroot' | 'builtins' {
  const { programs, resourceDir, defaultsToLibgcc } = compiler;
  const withSysroot = compiler.sysroot === undefined ? parts.sysroot : compiler;
  const sysroot = withSysroot?.sysroot;
  const target = withSysroot?.target;
  const builtins = compiler.builtins ?? parts.builtins?.builtins;
  if (programs === undefined) return 'programs';
  if (resourceDir === undefined) return 'resourceDir';
  if (sysroot === undefined || target === undefined) return 'sysroot';
  if (builtins === undefined) return 'builtins';
  return {
    programs, resourceDir, sysroot, builtins, target,
    ...(withSysroot?.targets === undefined ? {} : { targets: withSysroot.targets }),
    ...(withSysroot?.exceptionVariants === true ? { exceptionVariants: true } : {}),
    ...(defaultsToLibgcc === true ? { defaultsToLibgcc } : {}),
  };
}

function join(directory: string, file: string): string {
  return directory === '' ? file : `${directory}/${file}`;
}
