// wasienv exec: one command of a build in a clean cross environment.
import type { PreparedExec } from '../../compiler/build/exec.js';
import { changeLines, type ShownChange } from '../change-lines.js';
import { defineCommand, type CommandContext } from '../command.js';
import { missingOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { MODE_OPTIONS } from './cc.js';

export const exec = defineCommand({
  name: 'exec',
  summary: 'run ./configure, make, cmake, meson, cargo or a script so that it builds for WASI',
  usage: ['exec [OPTIONS…] -- COMMAND [ARGUMENTS…]'],
  description: [
    'Starts COMMAND with the toolchain in CC, CXX, AR … and on PATH, and without what this shell has set for builds for this machine (CFLAGS, CPATH, PKG_CONFIG_PATH …). What COMMAND needs beside that is added: `--host` and `--build` for a configure script of autoconf, under a name that its config.sub knows; a toolchain file for cmake; a cross file for `meson setup`; `CC=…`, `AR=…` and the like for make, where a makefile sets them itself, with the flags it has there; target, linker and runner for cargo. What you give yourself stays.',
    'What the build makes and then runs (`ctest`, `meson test`, `make check` of automake, `cargo test`, try_run) runs on wasienv’s interpreter. It may use the directory of the build, that of its sources, a /tmp of its own, and what --dir gives. A COMMAND that is a module itself runs so too.',
    'The exit code is that of COMMAND.',
  ],
  reading: 'until-operand',
  options: {
    show: { summary: 'print how the environment changes and the command line that would start, and run nothing' },
    bare: { summary: 'let `gcc`, `cc`, `clang`, `ar`, `ld` … mean the cross tools, for builds that name them so; programs the build needs for this machine then cannot be compiled' },
    keep: { value: 'NAME', repeatable: true, summary: 'let a variable of this shell through that would be left out' },
    dir: { value: 'DIRECTORY', repeatable: true, summary: 'let programs of the build use this directory too when they run' },
    engine: { value: 'NAME', choices: ['interpreter', 'host'], summary: 'what runs programs of the build: the interpreter of wasienv (default), or Node’s own WebAssembly, which is faster' },
    launcher: { value: 'PROGRAM', choices: ['ccache', 'sccache'], summary: 'put it in front of the compilers; its own settings (CCACHE_REMOTE_STORAGE …) pass' },
    ...MODE_OPTIONS,
    runnable: { summary: 'make programs that are linked start by themselves, for builds and tests that run them by name: a first line is put in front of the module, which `wasienv run` skips and other engines do not know' },
  },
  examples: [
    { command: 'wasienv exec -- ./configure && wasienv exec -- make check', shows: 'build and test a package made with automake' },
    { command: 'wasienv exec -- cmake -B build && cmake --build build && wasienv exec -- ctest --test-dir build', shows: 'the same with CMake' },
    { command: 'wasienv exec -- env CFLAGS=-O2 ./configure', shows: 'flags for the target' },
    { command: 'wasienv exec --setjmp -- make', shows: 'every compilation with a mode of `wasienv cc`' },
    { command: 'wasienv exec --launcher ccache -- make', shows: 'compile each file once' },
    { command: 'wasienv exec --show -- make', shows: 'see what it would do' },
  ],
  interruption: 'graceful',
  async run(context, { options, operands }) {
    const { surroundings: { cwd, platform, arch }, env, output, signal } = context;
    if (operands[0] === undefined) throw missingOperand('exec', 'a COMMAND', 'wasienv exec -- ./configure');
    const [{ tmpdir }, { homeDirectory, homeIsNamed }, { prepareExec }] = await Promise.all([
      import('node:os'), import('../../toolchain/index.js'), import('../../compiler/build/exec.js'),
    ]);
    const home = homeDirectory(env, platform);
    const { bare, runnable, keep, launcher } = options;
    const prepared = await prepareExec({
      home, homeIsNamed: homeIsNamed(env, platform), env, cwd, platform, arch, signal,
      command: operands, modes: modesOf(options), bare, runnable, keep, launcher, engine: options.engine ?? 'interpreter', directories: options.dir, temporaryDir: tmpdir(),
    });
    try {
      const started: Started = prepared.isCargo ? await forCargo(context, home, prepared) : prepared;
      if (options.show) {
        for (const line of await describe(context, prepared, started)) output.print(line);
        return EXIT.OK;
      }
      for (const note of started.notes) output.note(`wasienv: note: ${note}`);
      if (prepared.removed.length > 0) output.note(`wasienv: note: left out what this shell has for other builds: ${prepared.removed.join(', ')} (--keep NAME lets one through)`);
      const { runHostProgram } = await import('../../compiler/native.js');
      return await runHostProgram(started.program, started.args, { cwd, env: started.env, signal, io: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' } });
    } finally {
      prepared.dispose();
    }
  },
});

/** The modes as options of `wasienv cc`; a value is one word there, as the shims need it. */
function modesOf(options: Readonly<Record<keyof typeof MODE_OPTIONS, boolean | string | undefined>>): readonly string[] {
  return (Object.keys(MODE_OPTIONS) as (keyof typeof MODE_OPTIONS)[]).flatMap((name) => {
    const value = options[name];
    return value === true ? [`--${name}`] : typeof value === 'string' ? [`--${name}=${value.replace(/\s/g, '')}`] : [];
  });
}

type Started = Pick<PreparedExec, 'program' | 'args' | 'env' | 'notes'>;

/** cargo also needs what only this machine's Rust tells: the name of the target, and a linker that fits. */
async function forCargo({ surroundings: { cwd, platform }, signal }: CommandContext, home: string, { args, env, environment, notes }: PreparedExec): Promise<Started> {
  const [{ currentRust, findRust }, { isRustQuestion, prepareRust, splitToolchain }] = await Promise.all([import('../../toolchain/rust/index.js'), import('../../compiler/rust.js')]);
  const { toolchain, rest } = splitToolchain(args);
  const world = { home, env, platform, cwd, signal, ...(toolchain === undefined ? {} : { toolchain }) };
  const rust = isRustQuestion('cargo', rest) ? await findRust(world) : await currentRust(world);
  // The shim on PATH is the runner: it knows what programs of this build may use.
  const prepared = prepareRust({ rust, tool: 'cargo', args: rest, cwd, env, platform, runner: [], forC: environment });
  const { CC: _cc, CXX: _cxx, AR: _ar, RANLIB: _ranlib, NM: _nm, LD: _ld, STRIP: _strip, OBJDUMP: _objdump, SIZE: _size, ...plain } = env;
  return { program: prepared.program, args: prepared.args, env: { ...plain, ...prepared.variables }, notes: [...notes, ...prepared.notes] };
}

/** The difference that the command will see, a variable a line, then the command. */
async function describe({ env }: CommandContext, { toolchain }: PreparedExec, started: Started): Promise<readonly string[]> {
  const { shellCommand } = await import('../../base/quote.js');
  const names = [...new Set([...Object.keys(env), ...Object.keys(started.env)])].sort();
  const changes = names.flatMap((name): ShownChange[] => {
    const [now, then] = [env[name], started.env[name]];
    if (now === then || name === 'WASIENV_GUEST') return [];
    if (then === undefined) return [{ kind: 'remove', name, value: '', now }];
    if (now !== undefined && name === 'PATH' && then.endsWith(now)) return [{ kind: 'prepend', name, value: then.slice(0, then.length - now.length).replace(/[:;]$/, '') }];
    return [{ kind: now === undefined ? 'set' : 'change', name, value: then, now }];
  });
  return [
    ...changeLines(changes),
    `programs that are run may use ${(JSON.parse(started.env['WASIENV_GUEST'] ?? '{}') as { directories: readonly string[] }).directories.join(', ')}`,
    `toolchain  ${toolchain.component} ${toolchain.version}, clang ${toolchain.clangVersion} for ${toolchain.layout.target}`,
    `command    ${shellCommand([started.program, ...started.args])}`,
  ];
}
