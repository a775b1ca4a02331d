// What `wasienv help TOPIC` knows beside the commands. The README repeats none of it.
import { ERROR_CODES } from '../base/errors.js';
import type { SetupEvent } from '../toolchain/types.js';
import { EXIT } from './exit-codes.js';

interface Topic {
  readonly summary: string;
  readonly introduction: string;
  readonly rows: readonly (readonly [name: string, meaning: string])[];
}

/** Variables wasienv itself reads; a test compares this list with the code. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['WASIENV_HOME', 'where toolchains, receipts and the lock live; by default a wasienv directory where the platform keeps data'],
  ['WASIENV_TOOLCHAIN', 'COMPONENT or COMPONENT@RANGE (several with blanks between): what is used instead of what a project or `wasienv use` says'],
  ['WASIENV_MANIFESTS', 'a directory, or the URL of one, with manifests to use instead of those that come with wasienv'],
  ['WASIENV_MIRROR', 'a mirror that setup asks before other sources, as --mirror does: a URL or a directory; see `wasienv help sources`'],
  ['XDG_DATA_HOME', 'Linux and other Unix: the directory that holds wasienv’s home when WASIENV_HOME is not set; else ~/.local/share'],
  ['HOME', 'Linux, other Unix and macOS: where the default home is, when nothing above names it'],
  ['LOCALAPPDATA', 'Windows: the directory that holds wasienv’s home when WASIENV_HOME is not set; else below USERPROFILE'],
  ['WASI_SDK_PATH', 'where `setup --source system` looks for a wasi-sdk before PATH; WASI_SYSROOT names a sysroot'],
  ['https_proxy', 'the proxy for downloads; also http_proxy, all_proxy and their upper-case names. For the npm registry npm’s own setting comes first, for other servers after. no_proxy and NO_PROXY name hosts, domains and address ranges without one'],
  ['NODE_EXTRA_CA_CERTS', 'certificates to trust in downloads, beside npm’s `cafile` and `ca`; npm’s own configuration gives registry, proxy and credentials'],
  ['PATH', 'where `setup --source system` and `doctor` look for clangs, and setup for the npm whose configuration it reads (npm_execpath and npm_node_execpath under npx)'],
  ['RUSTC', 'the rustc that `rustc` and `cargo` take instead of looking along PATH, in CARGO_HOME (~/.cargo) and in the usual places'],
  ['CARGO_BUILD_TARGET', '`cargo` sets it when it is not set, and puts it right when it names WASI preview 1 otherwise than this rustc does'],
  ['WASIENV_GUEST', '`exec` sets it, and `run --in-build` reads it: what programs may use that a build runs'],
  ['TMPDIR', 'where the compiler and the proof put temporary files; on Windows TEMP'],
  ['SOURCE_DATE_EPOCH', 'the date a reproducible build compiles into its modules'],
  ['NO_COLOR', 'any non-empty value: no colours'],
  ['FORCE_COLOR', 'colours even when the output is not a terminal; 0 for none; stronger than NO_COLOR'],
  ['TERM', '`dumb`: no colours and nothing drawn over'],
];

/** The event type is the completeness check: a new event without a row does not compile. */
const EVENTS: Readonly<Record<SetupEvent['type'] | 'proof' | 'error', string>> = {
  plan: 'what will be done: plan.home, plan.source, plan.reason, plan.steps (kind keep, use, install, packages or adopt)',
  'lock-wait': 'another wasienv works on the same home: holder',
  'step-start': 'a phase of a component begins: component, phase (download, verify, unpack, check, commit, adopt)',
  progress: 'a phase goes on: component, phase, doneBytes, totalBytes (null when not known); at most four a second',
  'step-end': 'a phase is complete: component, phase, durationMs, detail',
  note: 'something worth knowing: text',
  'proof-start': 'a proof program is compiled and run: program, index (from 0), count',
  'proof-end': 'it is over: program, ok, durationMs, detail',
  done: 'the plan is carried out: changed (false when there was nothing to do)',
  proof: 'what was proved: ok, file (the receipt), receipt (its content)',
  error: 'the last event of a failure: code, fact, where (pairs of label and value), next (or null)',
};

export const TOPICS: Readonly<Record<string, Topic>> = {
  errors: {
    summary: 'every error code and what it means',
    introduction: 'Codes are stable: a script may rely on them. `wasienv COMMAND --json` prints them as data.',
    rows: Object.entries(ERROR_CODES),
  },
  environment: {
    summary: 'environment variables wasienv reads',
    introduction: '`wasienv doctor` tells which variables of this shell change what is compiled; `wasienv env` prints those that make, cargo and others read.',
    rows: ENVIRONMENT,
  },
  sources: {
    summary: 'where `setup` gets components, and what a mirror must hold',
    introduction: 'Digests come from the manifests that wasienv has, never from the place that serves the bytes: any place may serve them. Only apt brings its own, from its signed index.',
    rows: [
      ['upstream', 'release archives from where their makers publish them: wasi-sdk, wasi-sysroot, builtins (WebAssembly/wasi-sdk), rust-target (static.rust-lang.org)'],
      ['mirror', 'the same files below a URL or directory of yours (--mirror, WASIENV_MIRROR), and what npm packages: every component'],
      ['', 'a download that broke off is gone on with; a copy from a directory begins anew'],
      ['npm', 'portable-clang, from the registry that npm is configured for, with its proxy, certificates and credentials'],
      ['apt', 'apt-clang: native clang, lld, libc++ and wasi-libc out of the packages that this Debian or Ubuntu offers, without root; apt vouches for the bytes'],
      ['', 'apt-rust: rustc, cargo, the library for WASI and the lld of their LLVM, likewise; `rust-target --source apt` is the same. For build scripts and procedural macros the machine needs a C compiler'],
      ['system', 'system-clang: a clang of this machine that can compile for WASI, adopted as it is; nothing is written into it. `--clang` takes one that lacks parts, and lays those beside it'],
      ['auto', 'a component that is named: a mirror if there is one, alone; else, or when it has not got it, upstream and npm, asked at once. None named: the mirror if it has portable-clang or wasi-sdk, else npm, else wasi-sdk from upstream, else system'],
      ['', ''],
      ['BASE/HOST/PATH', 'where a mirror keeps the file of https://HOST/PATH, as `wget -x` stores it, for example'],
      ['', 'BASE/github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-33/wasi-sdk-33.0-x86_64-linux.tar.gz'],
      ['BASE/HOST+PORT/PATH', 'the same for a URL with a port; parts of the path are decoded (%2B is +)'],
      ['BASE/npm/NAME/-/FILE', 'what the npm source takes: BASE/npm/@yowasp/clang/-/clang-22.0.0-git20542-10.tgz'],
    ],
  },
  modes: {
    summary: 'options of `cc` and `c++` for what plain clang does not do for WASI',
    introduction: 'Give the same modes for compiling and for linking. Where the installed sysroot lacks what one needs, it is refused and says which file is missing (E_MODE). `wasienv cc --show` prints what clang is told.',
    rows: [
      ['--setjmp', 'setjmp and longjmp, by WebAssembly exceptions: libsetjmp of the sysroot, or wasienv’s own where there is none (Debian’s); clang 14 and later'],
      ['', 'clang writes the instructions from before the standard, which `wasienv run`, browsers and every Node.js execute, and Wasmtime does not;'],
      ['', 'with -mllvm -wasm-use-legacy-eh=false those of the standard: `wasienv run`, Wasmtime, Node.js 25'],
      ['--exceptions', 'C++ exceptions, in the instructions of the standard: needs libunwind and a libc++ with exceptions (wasi-sdk 33 and later, clang 20)'],
      ['', 'clang’s own -fexceptions alone leaves __cxa_throw undefined; without either, a throw is an error where it stands'],
      ['--threads', 'pthreads and a shared memory of at most 1 GiB (-Wl,--max-memory=): needs a C library for wasm32-wasip1-threads (wasi-sdk)'],
      ['--lto', 'optimise over all files when linking: clang’s -flto, and what LLVM must be told again when --setjmp or --exceptions is given too'],
      ['--emulate NAMES', 'what wasi-libc can pretend: a macro for its headers, and a library'],
      ['  signal', 'signal and raise inside the program; nothing arrives from outside: _WASI_EMULATED_SIGNAL, -lwasi-emulated-signal'],
      ['  getpid', 'getpid is 42: _WASI_EMULATED_GETPID, -lwasi-emulated-getpid'],
      ['  mman', 'mmap of files and memory, by malloc and read: _WASI_EMULATED_MMAN, -lwasi-emulated-mman'],
      ['  clocks', 'clock, times, getrusage, by the monotonic clock: _WASI_EMULATED_PROCESS_CLOCKS, -lwasi-emulated-process-clocks'],
      ['--stack-size SIZE', 'the C stack, in bytes or with K, M, G (1024). Not said: 1 MiB instead of wasm-ld’s 64 KiB; -Wl,-z,stack-size= overrides both'],
      ['', 'It lies below the data (--stack-first): too deep a call traps, and overwrites nothing. With --global-base, or a memory below 2 MiB, it is wasm-ld’s own'],
      ['--reactor', 'a library: `_initialize` instead of `main`; name what it offers with -Wl,--export=NAME'],
      ['', ''],
      ['wasm-opt', 'is never run: clang would take any it finds on PATH. Run it yourself on the module'],
      ['shims', 'the compilers that `wasienv env` puts on PATH know the modes too: CC="wasm32-wasip1-clang --setjmp". On Windows only the portable one'],
    ],
  },
  project: {
    summary: 'pin components for a project: wasienv.json, wasienv.lock',
    introduction: 'The nearest directory upwards that has one of these files is the project. `cc`, `c++`, the tools, `verify`, `which`, `list` and `setup` follow it.',
    rows: [
      ['wasienv.json', '{ "schema": 1, "components": { "wasi-sdk": "^30" } }: a version, a range of semver or a channel for each; one compiler, any parts'],
      ['', '"source": "npm" (or upstream, mirror, system) says where they come from; left out: auto. Schema: manifests/project.schema.json'],
      ['wasienv.lock', 'the very versions, with the digest for every host; `wasienv lock` writes it. Commit both'],
      ['', 'Where there is a lock, it is followed; one that does not fit wasienv.json any more is an error, not a hint'],
      ['WASIENV_TOOLCHAIN', 'overrules both for one command: WASIENV_TOOLCHAIN=wasi-sdk@30 wasienv cc a.c'],
      ['', ''],
      ['a range', 'the newest installed version in it is used; a channel: the one chosen for the home, else the newest'],
      ['not installed', '`wasienv setup` installs what the project wants and leaves the choice of the home alone'],
    ],
  },
  limits: {
    summary: 'limits of `run`, and what it measures',
    introduction: 'What a program may use up, and how that is counted. Without these options nothing is counted, and nothing is slower.',
    rows: [
      ['--max-memory SIZE', 'bytes, or K M G (1024), kB MB GB (1000). A program that asks for more is told that there is none, as by a full machine; one that starts with more: E_LIMIT_MEMORY'],
      ['--fuel COUNT', 'instructions of the module: block, loop, else, end, nop and try are free, each other one costs 1, whatever it does. A stretch without branches and calls is'],
      ['', 'charged when it is entered, so a program stops at the same place every time, everywhere: E_LIMIT_FUEL'],
      ['--max-depth COUNT', 'calls of WebAssembly under way at once; a tail call is none: E_LIMIT_DEPTH. Without it, calls share 1,048,576 slots of frames, then: call stack exhausted'],
      ['--timeout DURATION', 'ms, s, m or h, from when the program starts: computing, sleeping, polling or reading: E_LIMIT_TIME. Inside a system call that does not return, the process is killed'],
      ['', ''],
      ['--profile FILE', 'instructions, exact, by the chain of calls: .html, .svg, .json. Recursion deeper than 256 calls is folded, 500,000 chains are kept apart'],
      ['--coverage FILE', 'lcov: how often the code of each line was entered; the sum of all copies of a template. Only sources that are on this machine, unless none is'],
      ['', ''],
      ['cost', '--max-memory and --timeout: none. Measured on hot loops, --fuel and --coverage: about 2 times the run; --max-depth 7, --profile 10: such code is not compiled'],
      ['--engine host', 'keeps --max-memory and --timeout; counts no instructions, so the others are refused'],
      ['--cross-check', 'goes with --max-memory alone'],
      ['exit codes', '121 memory at the start, 122 depth, 123 fuel, 124 time, 137 killed'],
    ],
  },
  json: {
    summary: 'what `--json` prints, command by command',
    introduction: 'One document with `schema: 1`, but for setup, verify and pack, which print an event a line. Fields may be added, never renamed. What has a schema of its own is in manifests/.',
    rows: [
      ['setup, verify, pack', 'events: `wasienv help events`; the receipt of a proof: proof.schema.json'],
      ['doctor', 'doctor.schema.json: findings with id, status, cause, next'],
      ['inspect', 'inspect.schema.json: imports, capabilities, memories, features, sections, exports'],
      ['run', '--strace=json: strace.schema.json, a call a line; --record: recording.schema.json'],
      ['explain', 'explain.schema.json: logs with their explanations; --list: rules with id, title, printedBy'],
      ['env', 'variables (name, value), path (directories in front of PATH); --diff: changes (name, kind set|change|keep|prepend, value, now)'],
      ['list', 'home, installs (component, version, source, sizeBytes, inUse, provedAt, verified, digest, directory, id), unreadable'],
      ['list-remote', 'components (component, title, channels, versions with their artifacts, digests, witnesses and conflicts)'],
      ['which', 'component, version, places (name, path, portable)'],
      ['prune', 'home, dryRun, removals (kind, name, sizeBytes), freedBytes'],
      ['lock', 'file, changed, lock: lock.schema.json; --check: file, differences'],
    ],
  },
  events: {
    summary: 'events of `setup --json` and `verify --json`',
    introduction: 'One JSON object a line; `type` tells which. Fields may be added, never renamed.',
    rows: Object.entries(EVENTS),
  },
  watching: {
    summary: 'see what a program does: `run --strace`, `--cross-check`, `--deterministic`, `--record`',
    introduction: 'All of these work on both engines and with both interfaces of WASI; without them a run costs nothing more.',
    rows: [
      ['--strace', 'a line a call, as strace has it: descriptors with what they are open on, flags and errnos by name, bytes escaped and cut after 64, time in < >'],
      ['', 'A call that may wait (poll_oneoff, sockets, standard input) shows its beginning first: what hangs, hangs there'],
      ['--strace=json', 'the same as objects: call, interface, args, errno, result, durationNs, or exit; at last { end }. Schema: manifests/strace.schema.json'],
      ['--strace-filter', 'names and patterns (path_open,fd_*), file, path, read, write, start, clock, poll, socket, process, failed; -NAME leaves out'],
      ['', ''],
      ['--cross-check', 'the first engine runs the program and is recorded, the other gets the recording: files and input are touched once'],
      ['', 'Alike: the program’s own exit code. Not alike: E_DIVERGED with both sides of the first difference, exit code 1'],
      ['--deterministic', 'clocks begin at 2000-01-01T00:00:00Z, go on 1 ms each time one is read, and are set forward by sleeping, which does not wait'],
      ['', 'random numbers: xoshiro256** from --seed; directories by the bytes of names; files numbered as they are met'],
      ['', 'times of files: that of the start until the program changes them; a pipe is read in whole pieces'],
      ['', 'What stays outside: what the files hold, what kind standard streams are, connections of --listen'],
      ['', ''],
      ['--record FILE', 'lines of JSON: header, calls, end; a line is written when its call has answered, so a killed run leaves all but its last'],
      ['', 'It holds the program’s arguments, environment and all it read; what it wrote is kept as a digest. Schema: manifests/recording.schema.json'],
      ['--replay FILE', 'the same module (by SHA-256) gets the same answers; the first call that is not the recorded one is E_DIVERGED'],
    ],
  },
  sandbox: {
    summary: 'what `run` lets a program reach, and what of WASI works otherwise than on a POSIX system',
    introduction: 'A program sees its standard streams and what --dir, --env and --listen give it. It can reach nothing else, and changes nothing where `:ro` stands.',
    rows: [
      ['paths', 'start at a given directory and never leave it: wasienv walks them name by name, links included. A way out is EPERM, whether anything is there or not'],
      ['links', 'are followed where they lead inside; an absolute one too, by the host’s path. A program makes none with an absolute text'],
      ['on Linux', 'directories are held by handle: a process of the host that swaps one for a link while a path is walked gains nothing'],
      ['elsewhere', 'Node has no call relative to a directory (nor on Linux without /proc): such a swap, at the right microsecond, can lead one call outside'],
      [':ro', 'EROFS for every change below, hard links out of it included. What also lies in a writable directory can be changed there'],
      ['special files', 'pipes and devices are opened like files: give `/`, /dev or /proc only to what you trust'],
      ['rights', 'a file gets all that its directory hands down and the way of opening allows, though programs (of Zig, for one) ask for less; what is given up is gone'],
      ['', ''],
      ['fd_allocate', 'makes the file longer; the disk may be found full later. fd_advise is checked, and does nothing'],
      ['dsync, rsync, sync', 'a write is followed by fsync or fdatasync; the file is not opened with them'],
      ['flags of streams', 'those that the host opened a standard stream with cannot be asked: fd_fdstat_get shows what the program set'],
      ['times', 'the host keeps them to a microsecond (Node 20); the program is shown the nanoseconds it set, for as long as nobody else sets them'],
      ['poll_oneoff', 'a pipe or terminal is looked at every 0.5 to 10 ms by reading up to 4096 bytes ahead: what the program leaves is lost to whoever reads next'],
      ['', 'writing to a pipe, and a named pipe opened by path, always count as ready. Sockets and clocks are waited for without looking'],
      ['nonblock', 'on a named pipe holds as it was when the pipe was opened. A standard stream that is a socket may wait all the same'],
      ['sockets', 'a thread reads up to 64 KiB ahead. After the program’s end it stays up to 5 s for what was written without waiting'],
      ['positions', 'end at 2^53 bytes. A read or write takes the first 1024 buffers'],
      ['links, hard', 'path_link never follows a link: EINVAL when asked to'],
      ['names', 'that are not UTF-8 are listed by their bytes; to open one is EILSEQ'],
      ['signals', 'proc_raise ends the program with 128 + the number, as its default action; none arrives from outside'],
    ],
  },
  speed: {
    summary: 'how fast `run` is, and what it does for it',
    introduction: 'Nothing of this changes what a program does; measure with `npm run bench` in a checkout.',
    rows: [
      ['a run starts', 'on a loop that interprets: no compilation, functions are prepared when they are first called'],
      ['what runs often', 'a function called 100 times, a loop that turned 500 times, becomes a JavaScript function, which Node compiles: 3 to 10 times faster'],
      ['what stays', 'functions with vectors, references, atomics, exceptions (their whole module) or tail calls, and very large ones'],
      ['', 'all of a run with --fuel, --max-depth, --profile or --coverage: they count what the loop does'],
      ['', 'everything, where Node may make no code from text (--disallow-code-generation-from-strings)'],
      ['--no-emit', 'interpret all of it'],
      ['--engine host', 'Node’s own WebAssembly: 2 to 10 times as fast again, 30 where the loop remains, without limits, counts and checks of ours'],
      ['traps', 'the same words, calls and positions either way: whatever traps goes back to the loop first'],
    ],
  },
  'exit-codes': {
    summary: 'exit codes of wasienv',
    introduction: 'The exit code of a guest (`run`) and of clang (`cc`, `c++`, `ar` …) passes through unchanged. Beside these:',
    rows: [
      [String(EXIT.OK), 'done'],
      [String(EXIT.FAILURE), 'wasienv could not do it; the error says why'],
      [String(EXIT.USAGE), 'the command line was not understood'],
      [String(EXIT.LIMIT_MEMORY), '`run --max-memory`: the guest starts with more memory'],
      [String(EXIT.LIMIT_DEPTH), '`run --max-depth`: the guest nested more calls'],
      [String(EXIT.LIMIT_FUEL), '`run --fuel`: the guest performed more instructions'],
      [String(EXIT.LIMIT_TIME), '`run --timeout`: the guest ran longer'],
      [String(EXIT.INTERRUPTED), 'stopped by Ctrl-C'],
      [String(EXIT.TRAP), 'the guest trapped, or called too deep'],
      ['137', '`run --timeout`: the guest was inside a system call that did not return, and the process was killed'],
      [String(EXIT.BROKEN_PIPE), 'whoever read the output has gone'],
      [String(EXIT.TERMINATED), 'stopped by SIGTERM'],
    ],
  },
};

export function renderTopic(name: string): string {
  const topic = TOPICS[name]!;
  const width = Math.max(...topic.rows.map(([left]) => left.length));
  return [topic.introduction, '', ...topic.rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())].join('\n');
}
