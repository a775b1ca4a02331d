// The programs that the environment puts on PATH, as texts. Pure. With a native compiler a shim is a few lines of sh
// that start it with the arguments `wasienv cc` would add, and no Node; with the portable one it starts wasienv. The
// arguments come from arguments.ts; only where they depend on what the user typed is its rule said again, in sh, and
// what is rare and depends on much (the modes) is left to wasienv.
// Unlike `wasienv cc`, a compiler without -o writes a.out: configure scripts know what a cross compiler does.
import { BARE_SHIMS, HOST_SHIMS, SHIMS, SHIM_PREFIXES, cmdWord, offersTask, shimFile, type ShimTask } from '../toolchain/setenv/index.js';
import { posixQuote } from '../base/quote.js';
import type { ToolName, Toolchain } from '../toolchain/types.js';
import { CXX_ENDINGS, PREVIEW1_NAMES, compilerArguments, compilerParts } from './arguments.js';
import { LEAKING } from './environment.js';
import { MEMORY_LAYOUT, MODE_NAMES } from './modes.js';
import { ELF_LINKER_OPTIONS, NOT_LINKING } from './options.js';

export interface ShimRequest {
  readonly toolchain: Toolchain;
  /** Not the one in use: what starts wasienv names it. */
  readonly pinned?: boolean;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** How wasienv itself is started. */
  readonly node: string;
  readonly script: string;
  /** One line that says what this is. */
  readonly title: string;
}

/** Every shim of a toolchain: its directory, `prefixed`, `bare` or `host`, and its file name -> its text. */
export function makeShims(request: ShimRequest): Readonly<Record<'prefixed' | 'bare' | 'host', ReadonlyMap<string, string>>> {
  const texts = new Map<ShimTask, string>();
  const textOf = (task: ShimTask): string => {
    const text = texts.get(task) ?? makeShim(task, request);
    texts.set(task, text);
    return text;
  };
  const entries = (names: Readonly<Record<string, ShimTask>>, prefix: string): [string, string][] =>
    Object.entries(names).filter(([, task]) => offersTask(request.toolchain, task)).map(([name, task]) => [shimFile(`${prefix}${name}`, request.platform), textOf(task)]);
  return { prefixed: new Map(SHIM_PREFIXES.flatMap((prefix) => entries(SHIMS, prefix))), bare: new Map(entries(BARE_SHIMS, '')), host: new Map(entries(HOST_SHIMS, '')) };
}

function makeShim(task: ShimTask, request: ShimRequest): string {
  return request.platform === 'win32' ? cmdShim(task, request) : shShim(task, request);
}

/** What is put before the user's own arguments: always, for C++, and when a program is linked. */
interface Added {
  readonly always: readonly string[];
  readonly cxx: readonly string[];
  readonly link: readonly string[];
}

function addedArguments(toolchain: Toolchain, target = toolchain.layout.target, exceptions = false): Added {
  const added = (driver: 'clang' | 'clang++', first: string, rest: readonly string[]): readonly string[] => {
    const typed = [first, ...rest, `--target=${target}`, ...(exceptions ? [EXCEPTIONS] : [])];
    const { args } = compilerArguments(compilerParts(toolchain, driver), typed);
    return args.slice(0, args.indexOf(first));
  };
  const always = added('clang', '-c', ['x.c']);
  const beyond = (args: readonly string[]): readonly string[] => args.filter((each) => !always.includes(each));
  return { always, cxx: beyond(added('clang++', '-c', ['x.c'])), link: beyond(added('clang', 'x.o', ['-o', 'x'])) };
}

const EXCEPTIONS = '-fwasm-exceptions';

function nativeFile({ layout: { programs } }: Toolchain, task: ShimTask): string | undefined {
  if (programs.kind !== 'native' || task === 'run') return undefined;
  return programs.tools[task === 'rust-wasm-ld' ? 'wasm-ld' : (task as ToolName)];
}

/** The command of wasienv that does a task. */
const COMMAND_OF: Readonly<Record<ShimTask, string>> = {
  clang: 'cc', 'clang++': 'c++', 'wasm-ld': 'wasm-ld', 'rust-wasm-ld': 'wasm-ld', ar: 'ar', nm: 'nm', ranlib: 'ranlib', objdump: 'objdump', size: 'size', strip: 'strip', run: 'run',
};

// ---- sh ----

const words = (list: readonly string[]): string => list.map(posixQuote).join(' ');

function shShim(task: ShimTask, request: ShimRequest): string {
  const { toolchain, title } = request;
  const native = nativeFile(toolchain, task);
  const head = `#!/bin/sh\n# ${title}\n`;
  const start = native === undefined ? startWasienv(task, request) : `exec ${posixQuote(native)} "$@"\n`;
  switch (task) {
    case 'clang':
    case 'clang++':
      return head + MODES + (native === undefined ? portableCompiler(task, request) : nativeCompiler(task, native, request));
    case 'rust-wasm-ld':
      return `${head}${RUST_LD}${start}`;
    case 'run':
      return `${head}${RUN_GRANTS}${start}`;
    default:
      return head + start;
  }
}

/** Nothing of this needs WASIENV_HOME to be set by whoever calls: a shim belongs to one home. */
function startWasienv(task: ShimTask, { home, node, script, pinned, toolchain: { component, version, layout } }: ShimRequest): string {
  const command = COMMAND_OF[task];
  const compiles = task === 'clang' || task === 'clang++';
  // A shim with the paths of a toolchain in it stands for that one, wherever it is called.
  const named = pinned === true || layout.programs.kind === 'native';
  return `WASIENV_HOME=${posixQuote(home)}
export WASIENV_HOME
${named ? `WASIENV_TOOLCHAIN=${posixQuote(`${component}@${version}`)}\nexport WASIENV_TOOLCHAIN\n` : ''}node=${posixQuote(node)}
script=${posixQuote(script)}
if [ -f "$script" ]; then
  [ -x "$node" ] || node=node
  ${compiles ? '$exec' : 'exec'} "$node" "$script" ${command} "$@"
${compiles ? RUNNABLE : ''}fi
if command -v wasienv >/dev/null 2>&1; then exec wasienv ${command} "$@"; fi
echo "\${0##*/}: wasienv is not at $script any more; run \\\`wasienv setup\\\` again" >&2
exit 127
`;
}

/** What is rare and depends on more than its own word is decided by wasienv itself: one rule, said once. */
const LEFT_TO_WASIENV: readonly string[] = [...MODE_NAMES.map((name) => `--${name}`), '--emulate=*', '--stack-size=*', ...MEMORY_LAYOUT.map((option) => `*${option}*`), '@*'];

function nativeCompiler(task: 'clang' | 'clang++', native: string, request: ShimRequest): string {
  const { toolchain } = request;
  const { target, targets, knowsNoWasmOpt } = compilerParts(toolchain, task);
  // Preview 1 has many names. Those that this clang and sysroot know stay; the others mean the toolchain's own.
  const ownName = (name: string): string => (targets.includes(name.replace('-unknown-', '-')) ? name.replace('-unknown-', '-') : target);
  // A name that clang takes as it is may stay where it stands: taking words out of a long line is slow in sh.
  const named = targets.map((own) => {
    const others = PREVIEW1_NAMES.filter((name) => name !== own && ownName(name) === own);
    return `    ${own}) target=${own} ;;\n${others.length === 0 ? '' : `    ${others.join(' | ')}) target=${own} rename=1 ;;\n`}`;
  }).join('');
  const start = (own: string, exceptions: boolean): string => {
    const { always, cxx, link } = addedArguments(toolchain, own, exceptions);
    return `    if [ -n "$link" ]; then set -- ${words(link)} "$@"; fi
    if [ -n "$cxx" ]; then set -- ${words(cxx)} "$@"; fi
    $exec ${posixQuote(native)} ${words(always)} "$@" ;;
`;
  };
  const starts = targets.flatMap((own) => {
    const [without, with_] = [start(own, false), start(own, true)];
    return without === with_ ? [`  ${own}*)\n${without}`] : [`  ${own})\n${without}`, `  ${own}${EXCEPTIONS})\n${with_}`];
  });
  return `case \${1-} in -cc1*) exec ${posixQuote(native)} "$@" ;; esac
unset ${[...LEAKING].join(' ')}
ours=
for argument do case $argument in ${LEFT_TO_WASIENV.join(' | ')}) ours=1 ;; esac; done
if [ -n "$ours" ]; then
${portableCompiler(task, request)}fi
${SHARED}link=1 rename= drop= exec=exec output=a.out exceptions= cxx=${task === 'clang++' ? '1' : ''} target=${target} previous=
for argument do
  case $argument in
    ${NOT_LINKING.join(' | ')}) link= ;;
    ${ELF_LINKER_OPTIONS.join(' | ')}) drop=1 ;;
    -o?*) output=\${argument#-o} ;;
    -MD | --write-dependencies) drop=$drop$shared ;;
    ${EXCEPTIONS}) exceptions=${EXCEPTIONS} ;;
    ${CXX_ENDINGS.map((ending) => `*.${ending}`).join(' | ')} | -xc++*) cxx=1 ;;
  esac
  case $previous$argument in --target=*) name=\${argument#--target=} ;; '-target '*) name=$argument ;; '-o '*) name= output=$argument ;; *) name= ;; esac
  case $name in
${named}    ?*) rename= ;;
  esac
  previous=
  case $argument in -target | -o) previous="$argument " ;; esac
done
${DROP}if [ -n "$rename" ]; then
  # The name of the target is said in front, as this clang knows it.
  previous=
  for argument do
    shift
    case $previous$argument in
      --target=*) continue ;;
      -target) previous='-target '; continue ;;
      '-target '*) previous=; continue ;;
    esac
    set -- "$@" "$argument"
  done
fi
${IF_RUNNABLE}${knowsNoWasmOpt ? '' : HIDE_WASM_OPT}case $target$exceptions in
${starts.join('')}esac
${RUNNABLE}`;
}

const HIDE_WASM_OPT = `if [ -n "$link" ]; then
  # clang before 20 runs any wasm-opt it finds on PATH, and cannot be told not to.
  rest=\${PATH-}: kept=
  while [ -n "$rest" ]; do
    [ -e "\${rest%%:*}/wasm-opt" ] || kept=$kept:\${rest%%:*}
    rest=\${rest#*:}
  done
  PATH=\${kept#:}
fi
`;

/** `wasienv cc first.c` writes first.wasm; a cross compiler writes a.out. */
function portableCompiler(task: 'clang' | 'clang++', request: ShimRequest): string {
  return `${SHARED}link=1 unnamed=1 input= drop= output=a.out previous= exec=exec
for argument do
  case $argument in
    ${NOT_LINKING.join(' | ')}) link= ;;
    ${ELF_LINKER_OPTIONS.join(' | ')}) drop=1 ;;
    -o) unnamed= previous='-o '; continue ;;
    -o?*) unnamed= output=\${argument#-o} ;;
    -MD | --write-dependencies) drop=$drop$shared ;;
    --output* | @* | --version | --help* | -help | -print-* | --print-* | -dump* | -cc1*) unnamed= link= ;;
    -?*) ;;
    *) case $previous in '') input=1 ;; *) output=$argument ;; esac ;;
  esac
  previous=
done
${DROP}if [ -n "$unnamed" ] && [ -n "$link" ] && [ -n "$input" ]; then set -- -o a.out "$@"; fi
${IF_RUNNABLE}${startWasienv(task, request)}`;
}

/** `wasienv exec --setjmp` and the like: modes for every compilation of a build. */
const MODES = `if [ -n "\${WASIENV_MODES-}" ]; then set -- $WASIENV_MODES "$@"; fi
`;

/** A cache that machines share holds lists of headers, too: those of a toolchain lie elsewhere on each, so they are left out. */
const SHARED = `shared=
if [ -n "\${WASIENV_LAUNCHER-}" ]; then shared=-MMD; fi
`;

const DROP = `if [ -n "$drop" ]; then
  for argument do
    shift
    case $argument in
      ${ELF_LINKER_OPTIONS.join(' | ')}) continue ;;
      -MD | --write-dependencies) argument=\${shared:-$argument} ;;
    esac
    set -- "$@" "$argument"
  done
fi
`;

/** `wasienv exec --runnable` sets WASIENV_RUNNABLE to the program that runs modules. A name with an ending means a file to keep as it is. */
const IF_RUNNABLE = `if [ -n "\${WASIENV_RUNNABLE-}" ] && [ -n "$link" ]; then
  case $output in *.wasm | *.so | *.so.* | *.js) ;; *) exec= ;; esac
fi
`;

/** A line in front names the program that runs it, so that whatever starts the module as a program runs it. `wasienv run` skips the line. */
const RUNNABLE = `code=$?
if [ "$code" -eq 0 ] && [ -f "$output" ]; then
  IFS= read -r first <"$output"
  case $first in
    '#!'*) ;;
    *) { printf '#!/bin/sh %s\\n' "$WASIENV_RUNNABLE" && command -p cat "$output"; } >"$output.$$" && command -p chmod 755 "$output.$$" && command -p mv -f "$output.$$" "$output" || code=1 ;;
  esac
fi
exit "$code"
`;

/**
 * rustc starts its linker with the directory of its own tools on PATH (rustc_codegen_ssa, back/link.rs, get_linker), and
 * the rust-lld there is made for the object files of that very rustc. Debian's and Nix's have none: then ours links.
 */
const RUST_LD = `if command -v rust-lld >/dev/null 2>&1; then
  case \${1-} in -flavor) exec rust-lld "$@" ;; esac
  exec rust-lld -flavor wasm "$@"
fi
case \${1-} in -flavor) shift 2 ;; esac
`;

/** Variables that cargo, its test harness and common loggers read in the program. */
const RUN_VARIABLES = ['RUST_BACKTRACE', 'RUST_LOG', 'RUST_TEST_THREADS', 'RUST_TEST_NOCAPTURE', 'RUST_TEST_SHUFFLE', 'CARGO_MANIFEST_DIR', 'CARGO_PKG_NAME', 'CARGO_PKG_VERSION'];

/**
 * cargo runs `RUNNER FILE ARGUMENTS…` in the user's directory (`cargo run`) or that of the package (`cargo test`). The
 * program gets that directory, by the name `.` and by its own, and the package's: what env!("CARGO_MANIFEST_DIR") names.
 */
const RUN_GRANTS = `if [ -n "\${WASIENV_GUEST-}" ]; then
  # In a build of \`wasienv exec\`: what is no module is started as it is, for harnesses that run scripts and programs alike.
  case \${1-} in */* | -*) ;; *) if [ -f "\${1-}" ]; then first=$1; shift; set -- "./$first" "$@"; fi ;; esac
  first=
  if [ -f "\${1-}" ]; then IFS= read -r first <"$1"; fi
  case $first in
    '#!'*wasm32-wasi*-run) ;;
    '#!'* | ?ELF*) exec "$@" ;;
  esac
  set -- --in-build "$@"
else
${RUN_VARIABLES.map((name) => `if [ -n "\${${name}+x}" ]; then set -- --env "${name}=$${name}" "$@"; fi`).join('\n')}
case \${CARGO_MANIFEST_DIR-} in '' | *::* | "\${PWD-}") ;; *) set -- --dir "$CARGO_MANIFEST_DIR" "$@" ;; esac
case \${PWD-} in '' | *::*) ;; *) set -- --dir "$PWD" "$@" ;; esac
set -- --dir . "$@"
fi
`;

// ---- cmd ----

const cmdWords = (list: readonly string[]): string => list.map(cmdWord).join(' ');

function cmdShim(task: ShimTask, request: ShimRequest): string {
  const { toolchain, title, home, node, script } = request;
  const native = nativeFile(toolchain, task);
  const lines = [`@rem ${title}`, '@setlocal DisableDelayedExpansion'];
  if (task === 'rust-wasm-ld') lines.push('@for %%I in (rust-lld.exe) do @set "RUST_LLD=%%~$PATH:I"', '@if defined RUST_LLD goto rust');
  if (native === undefined) {
    lines.push(`@set "WASIENV_HOME=${home.replaceAll('%', '%%')}"`, `@${cmdWords([node, script])} ${COMMAND_OF[task]} ${task === 'run' ? '--dir . ' : ''}%*`);
  } else if (task === 'clang' || task === 'clang++') {
    const { always, cxx, link } = addedArguments(toolchain);
    // A batch file cannot look through its arguments well; clang 14 and later can be told that some may go unused.
    const unused = Number.parseInt(toolchain.clangVersion, 10) >= 14 ? ['--start-no-unused-arguments', ...link, '--end-no-unused-arguments'] : [];
    lines.push(...[...LEAKING].map((name) => `@set "${name}="`), `@${cmdWords([native, ...always, ...(task === 'clang++' ? cxx : []), ...unused])} %*`);
  } else {
    lines.push(`@${cmdWord(native)} %*`);
  }
  lines.push('@exit /b %ERRORLEVEL%');
  if (task === 'rust-wasm-ld') lines.push(':rust', '@"%RUST_LLD%" %*', '@exit /b %ERRORLEVEL%');
  return lines.map((line) => `${line}\r\n`).join('');
}
