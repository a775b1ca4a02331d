// The checks of doctor, a row each, in the order they are told. A check turns what it sees into findings; an error
// that a room throws on the way becomes a finding too, with the cause and the next step that the error carries.
import { accessSync, constants, existsSync, realpathSync, statSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBytes, formatDuration } from '../base/text.js';
import { shellQuote } from '../base/quote.js';
import { Collector, compile } from '../compiler/index.js';
import { PROOF_PROGRAMS, proveProgram, readProof, staleness, type Provable } from '../proof/index.js';
import { checkFiles, currentAssembly, detectHost, readReceipts } from '../toolchain/index.js';
import type { DoctorContext } from './context.js';
import type { Finding } from './finding.js';
import { findOnPath, interpreterLine } from './on-path.js';
import { checkEnvironmentFiles, checkLeftovers, fixEnvironmentFiles, fixLeftovers } from './own-files.js';
import { checkProject } from './project.js';
import { checkRuntimes } from './runtimes.js';
import { fromError, ok, type Saying } from './saying.js';
import { judgeVariables } from './variables.js';

export interface Check {
  readonly id: string;
  readonly title: string;
  run(context: DoctorContext): Saying | readonly Saying[] | Promise<Saying | readonly Saying[]>;
  /** Mends what it found, where that is safe: nothing of the user's is touched, and nothing is downloaded. */
  fix?(context: DoctorContext): Promise<void>;
}

export const CHECKS: readonly Check[] = [
  { id: 'host', title: 'host', run: checkHost },
  { id: 'node', title: 'Node.js', run: checkNode },
  { id: 'home', title: 'home', run: checkHome },
  { id: 'space', title: 'disk space', run: checkSpace },
  { id: 'toolchain', title: 'toolchain', run: checkToolchain },
  { id: 'files', title: 'installed files', run: checkInstalledFiles },
  { id: 'compiler', title: 'compiler', run: checkCompiler },
  { id: 'hello', title: 'hello, compiled and run', run: checkHello },
  { id: 'proof', title: 'proof', run: checkProof },
  { id: 'environment-files', title: 'scripts and programs of env', run: checkEnvironmentFiles, fix: fixEnvironmentFiles },
  { id: 'leftovers', title: 'leftovers', run: checkLeftovers, fix: fixLeftovers },
  { id: 'project', title: 'project', run: checkProject },
  { id: 'variables', title: 'environment', run: ({ env, platform }) => judgeVariables(env, platform) },
  { id: 'clangs', title: 'clangs of this machine', run: checkClangs },
  { id: 'rust', title: 'Rust', run: checkRust },
  { id: 'rust-proof', title: 'proof of Rust', run: checkRustProof },
  { id: 'runtimes', title: 'WASI runtimes', run: checkRuntimes },
  { id: 'wasm-opt', title: 'wasm-opt', run: checkWasmOpt },
  { id: 'python-wasienv', title: 'the Python wasienv', run: checkPythonWasienv },
];

/** Runs one check; whatever it throws becomes its finding. */
export async function runCheck(check: Check, context: DoctorContext): Promise<Finding[]> {
  let said: Saying | readonly Saying[];
  try {
    said = await check.run(context);
  } catch (error) {
    said = fromError(error);
  }
  return (Array.isArray(said) ? said : [said]).map((each: Saying) => ({ id: check.id, title: check.title, ...each }));
}

/** Runs one check, mends what it can, and tells what is so afterwards. */
export async function runAndFix(check: Check, context: DoctorContext): Promise<Finding[]> {
  const before = await runCheck(check, context);
  const mended = before.flatMap(({ fix }) => (fix === undefined ? [] : [fix.does]));
  if (check.fix === undefined || mended.length === 0) return before;
  try {
    await check.fix(context);
  } catch (error) {
    return [{ id: check.id, title: check.title, ...fromError(error) }];
  }
  const after = await runCheck(check, context);
  return after.map((finding, index) => (index === 0 ? { ...finding, fix: { does: mended.join('; '), done: true } } : finding));
}

function checkHost({ platform, arch }: DoctorContext): Saying {
  const { libc, cpus, memoryBytes } = detectHost();
  return ok([`${platform} ${arch}`, ...(libc === null ? [] : [libc]), `${cpus} CPU${cpus === 1 ? '' : 's'}`, `${formatBytes(memoryBytes)} of memory`].join(', '));
}

/** As package.json's `engines`; a test compares the two. */
export const OLDEST_NODE = '20.18.1';

function checkNode({ nodeVersion }: DoctorContext): Saying {
  const parts = (version: string): number[] => version.split('.').map(Number);
  const [have, need] = [parts(nodeVersion), parts(OLDEST_NODE)];
  const at = need.findIndex((part, index) => have[index] !== part);
  if (at < 0 || have[at]! > need[at]!) return ok(nodeVersion);
  return {
    status: 'problem', text: `${nodeVersion} is too old`,
    cause: `wasienv uses what Node.js ${OLDEST_NODE} brought`,
    next: `install Node.js ${OLDEST_NODE} or newer, for example \`nvm install 22\``,
  };
}

function checkHome({ home }: DoctorContext): Saying {
  const directory = home();
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    return { status: 'problem', text: `${directory} is not a directory`, cause: 'something else has the name of wasienv\'s home', next: 'move it away, or set WASIENV_HOME to another directory' };
  }
  const existing = nearestExisting(directory);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    return {
      // What is installed still compiles; only setup and verify write.
      status: 'warning', text: `${directory} cannot be written`,
      cause: `${existing} belongs to somebody else, or is read-only: setup can install nothing there, verify can leave no receipt`,
      next: 'set WASIENV_HOME to a directory you may write, then run `wasienv setup`',
    };
  }
  return ok(existing === directory ? directory : `${directory} (not made yet)`);
}

function nearestExisting(directory: string): string {
  let existing = path.resolve(directory);
  while (!existsSync(existing) && path.dirname(existing) !== existing) existing = path.dirname(existing);
  return existing;
}

/** What the portable compiler takes while it is installed: the archive, and the tree beside an old one. */
const SETUP_NEEDS_BYTES = 250_000_000;
/** What a build and a proof leave lying about at the most. */
const BUILD_NEEDS_BYTES = 50_000_000;

async function checkSpace({ home, toolchainIfAny }: DoctorContext): Promise<Saying> {
  const directory = nearestExisting(home());
  const { bavail, bsize } = statfsSync(directory);
  const freeBytes = bavail * bsize;
  const needsBytes = (await toolchainIfAny()) === null ? SETUP_NEEDS_BYTES : BUILD_NEEDS_BYTES;
  if (freeBytes >= needsBytes) return ok(`${formatBytes(freeBytes)} free`);
  return {
    status: 'warning', text: `only ${formatBytes(freeBytes)} free in ${directory}`,
    cause: `about ${formatBytes(needsBytes)} may be needed`,
    next: 'free some space, or set WASIENV_HOME to a directory on another disk',
  };
}

async function checkToolchain({ toolchain, home }: DoctorContext): Promise<Saying> {
  const { readRustChoice } = await import('../toolchain/rust/index.js');
  // Whoever set up Rust alone lacks nothing.
  if (readRustChoice(home()) !== undefined && currentAssembly(home()) === undefined) {
    return { status: 'note', text: 'no compiler for C and C++ is installed; Rust is set up', cause: 'only Rust was asked for', next: 'wasienv setup   # for C and C++' };
  }
  const { component, version, source, clangVersion, layout, rootDir } = await toolchain();
  return ok(`${component} ${version} from ${source}: clang ${clangVersion} for ${layout.target}, in ${rootDir}`);
}

async function checkInstalledFiles({ home, deep, toolchainIfAny }: DoctorContext): Promise<readonly Saying[]> {
  const { good, bad } = readReceipts(home());
  const inUse = (await toolchainIfAny())?.component;
  const sayings: Saying[] = [...bad.values()].map((error) => ({ ...fromError(error), status: 'warning' }));
  for (const receipt of good.values()) {
    const name = `${receipt.component} ${receipt.version}`;
    if (receipt.unverified === true) {
      sayings.push({
        status: 'warning', text: `${name} was never verified`,
        cause: `no digest of it was known when it was installed; what came from ${receipt.artifact?.resolvedUrl ?? 'its source'} has ${receipt.digest}`,
        next: `wasienv setup ${receipt.component}`,
      });
    }
    const damage = await checkFiles(receipt, { deep });
    if (damage.length === 0) {
      const count = receipt.files.length;
      sayings.push(ok(`${name}: ${count} file${count === 1 ? '' : 's'} as the receipt says${deep ? ', every byte of them' : ''}`));
      continue;
    }
    const shown = damage.slice(0, 4).map((each) => `${each.path} ${each.text}`);
    sayings.push({
      status: inUse === undefined || inUse === receipt.component ? 'problem' : 'warning',
      text: `${name}: ${damage.length} of ${receipt.files.length} files ${damage.length === 1 ? 'is' : 'are'} not as installed`,
      cause: [...shown, ...(damage.length > shown.length ? [`and ${damage.length - shown.length} more`] : [])].join('\n'),
      next: 'wasienv setup',
    });
  }
  return sayings.length > 0 ? sayings : [notChecked('nothing is installed')];
}

const notChecked = (why: string): Saying => ({ status: 'note', text: 'not checked', cause: why, next: 'wasienv setup' });

async function checkCompiler({ toolchainIfAny, env, signal }: DoctorContext): Promise<Saying> {
  const toolchain = await toolchainIfAny();
  if (toolchain === null) return notChecked('no toolchain is ready for use');
  const stdout = new Collector();
  const start = performance.now();
  const code = await compile({
    toolchain, tool: 'clang', args: ['--version'], cwd: path.dirname(toolchain.receiptFile), env,
    io: { stdin: 'ignore', stdout, stderr: stdout, color: false }, signal,
  });
  const line = stdout.text().split('\n', 1)[0]!.trim();
  if (code === 0 && /clang version \d/.test(line)) return ok(`${line.replace(/ \(.*/, '')}, answers in ${formatDuration(performance.now() - start)}`);
  return { status: 'problem', text: `clang --version ended with ${code}`, cause: line === '' ? 'it said nothing' : `it said: ${line}`, next: 'wasienv setup --refetch' };
}

async function checkHello({ toolchainIfAny, env, signal }: DoctorContext): Promise<Saying> {
  const toolchain = await toolchainIfAny();
  if (toolchain === null) return notChecked('no toolchain is ready for use');
  const hello = PROOF_PROGRAMS.find((program) => program.id === 'hello')!;
  const result = await proveProgram(hello, { toolchain, env, signal });
  if (result.fault === null) return ok(`compiled in ${formatDuration(result.compileMs)}, run in ${formatDuration(result.runMs)}, its output is right`);
  const who = { compiler: 'the compiler failed', interpreter: "wasienv's interpreter failed", program: 'it was built, but did something else' }[result.fault];
  return { status: 'problem', text: `failed: ${who}`, cause: result.detail ?? who, next: result.fault === 'interpreter' ? 'report this with the output of `wasienv doctor --json`' : 'wasienv setup --refetch' };
}

async function checkProof({ home, toolchainIfAny }: DoctorContext): Promise<Saying> {
  const toolchain = await toolchainIfAny();
  return toolchain === null ? notChecked('no toolchain is ready for use') : judgeProof(home(), toolchain);
}

async function judgeProof(home: string, toolchain: Provable): Promise<Saying> {
  const next = 'wasienv verify';
  const proof = await readProof(home, toolchain);
  if (proof === null) return { status: 'warning', text: 'this toolchain has not been proved', cause: 'no proof receipt in the home', next };
  const stale = staleness(proof, toolchain);
  if (stale !== null) return { status: 'warning', text: `the proof of ${proof.provedAt} is out of date`, cause: stale, next };
  const failed = proof.programs.filter((each) => each.fault !== null);
  if (failed.length > 0) {
    // What only some programs need may be missing, and other builds still work.
    const nothingWorks = failed.some((each) => each.id === 'hello' || each.id === 'rust-hello') || failed.length === proof.programs.length;
    return {
      status: nothingWorks ? 'problem' : 'warning', text: `the last proof failed: ${failed.length} of ${proof.programs.length} programs`,
      cause: failed.slice(0, 4).map((each) => `${each.id}: ${each.detail}`).join('\n'), next,
    };
  }
  return ok(`${proof.programs.length} programs passed at ${proof.provedAt}, in ${formatDuration(proof.timings.totalMs)}`);
}

async function checkClangs({ env, platform, signal, toolchainIfAny }: DoctorContext): Promise<readonly Saying[]> {
  // Loaded here: it starts other programs, which most of doctor does not need.
  const { findClangs } = await import('../toolchain/sources/system.js');
  const findings = await findClangs({ env, platform, signal });
  if (findings.length === 0) return [ok('none, and none is needed')];
  const inUse = await toolchainIfAny();
  const adopted = inUse?.layout.programs.kind === 'native' ? inUse.layout.programs.tools.clang : undefined;
  return findings.map((each): Saying => {
    const about = { id: `clang:${each.clang}`, title: each.isFirstOnPath ? 'clang, first on PATH' : 'clang' };
    const name = `${each.clang}${each.clangVersion === null ? '' : ` (${each.clangVersion})`}`;
    if (each.verdict.kind === 'usable') return { ...about, status: 'ok', text: `${name} can build for ${each.verdict.layout.target}, with the builtins ${each.verdict.layout.builtins}` };
    if (each.clang === adopted) return { ...about, status: 'ok', text: `${name} builds for ${inUse!.layout.target} with what is laid beside it: the builtins ${inUse!.layout.builtins}` };
    // `cannot open …/libclang_rt.builtins-wasm32.a` is what wasm-ld says of a place that clang made up: here is each.
    const builtins = each.verdict.code === 'E_NO_BUILTINS'
      ? ['every link for that target ends in `wasm-ld: error: cannot open …/libclang_rt.builtins…`']
      : each.builtins.map(({ target, file, found }) => `for ${target} it will link ${file}, which is ${found ? 'there' : 'missing'}`);
    return {
      ...about, status: 'note', text: `${name} cannot build for WASI`, cause: [`${each.verdict.code}: ${each.verdict.reason}`, ...builtins].join('\n'),
      // It lacks nothing that cannot be laid beside it.
      next: each.compiler === null ? each.verdict.next : `wasienv setup --clang ${shellQuote(each.clang)}   # lays what it lacks into wasienv's home, and nothing into its own tree`,
    };
  });
}

/** Every Rust of the machine, each toolchain of a rustup by itself: what it can build for, or the command that it lacks. */
async function checkRust({ home, env, platform, cwd, signal }: DoctorContext): Promise<readonly Saying[]> {
  const rust = await import('../toolchain/rust/index.js');
  const world = { env, platform, cwd, signal };
  const directory = home();
  const ours = rust.installedRust(directory);
  const findings = await Promise.all([...(ours === null ? [] : [rust.askRust(ours, world)]), rust.findRusts(world)]);
  const found = (await Promise.all(findings.flat().map(async (finding) => {
    if (finding.rustup === null) return [finding];
    const names = await rust.listToolchains(finding.rustup, world);
    return Promise.all(names.map((toolchain) => rust.askRust(finding, { ...world, toolchain })));
  }))).flat();
  if (found.length === 0) return [ok('none, and none is needed')];
  const wasSetUp = rust.readRustChoice(directory) !== undefined;
  const sayings = await Promise.all(found.map(async (finding): Promise<Saying> => {
    const { rustc, toolchain, answer } = finding;
    const about = { id: `rust:${toolchain ?? rustc}` };
    const name = toolchain === null ? rustc : `${rustc} +${toolchain}`;
    if ('refused' in answer) return { ...about, status: 'note', text: `${name} cannot be used`, cause: answer.refused, next: 'rustup toolchain list' };
    const ready = rust.readyTarget(directory, answer);
    const is = `${name} (${answer.release})`;
    if (ready === null) {
      const knows = answer.target === null ? 'knows no WASI preview 1' : `calls WASI preview 1 ${answer.target} and has no library for it`;
      return { ...about, status: 'note', text: `${is} cannot build for WASI`, cause: `it ${knows}`, next: rust.howToAddStd(finding, answer) };
    }
    const linker = await rust.linkerFor(answer, finding, { ...world, home: directory });
    if (linker.kind !== 'none') return { ...about, status: 'ok', text: `${is} can build for ${ready.target}, linked by ${linker.kind === 'own' ? 'its own rust-lld' : `${linker.file} (LLD ${linker.major})`}` };
    const lacking = rust.noRustLinker(answer, linker);
    return { ...about, status: wasSetUp ? 'warning' : 'note', text: `${is} can compile for ${ready.target}, but not link`, cause: [lacking.message, ...linker.why].join('\n'), next: lacking.next! };
  }));
  return sayings;
}

async function checkRustProof({ home, env, platform, cwd, signal }: DoctorContext): Promise<Saying> {
  const { currentRust, readRustChoice } = await import('../toolchain/rust/index.js');
  const directory = home();
  const choice = readRustChoice(directory);
  if (choice === undefined) return { status: 'ok', text: 'Rust was not set up' };
  const rust = await currentRust({ home: directory, env, platform, cwd, signal });
  return judgeProof(directory, rust);
}

function checkWasmOpt({ env, platform }: DoctorContext): Saying {
  const [first, ...others] = findOnPath('wasm-opt', env, platform);
  if (first === undefined) return ok('none on PATH');
  return {
    status: 'note', text: `${first} is on PATH${others.length > 0 ? `, and ${others.length} more` : ''}`,
    effects: [
      { tool: 'clang', effect: 'of this machine, when it links wasm with -O1 or more, runs it on the result and does not say so' },
      { tool: 'wasienv cc', effect: 'never runs it' },
    ],
    cause: 'output then depends on which wasm-opt a machine has; an old one refuses newer modules or drops their debug information',
    next: `clang --no-wasm-opt …   # for a clang of your own, LLVM 20 or later; for an older one take ${path.dirname(first)} off PATH`,
  };
}

/** The commands of the Python tool that Wasmer published under this name in 2019. */
const PYTHON_COMMANDS = ['wasienv', 'wasicc', 'wasic++', 'wasimake', 'wasiconfigure', 'wasirun'];

function checkPythonWasienv({ env, platform }: DoctorContext): Saying {
  const ours = path.resolve(fileURLToPath(new URL('../../', import.meta.url)));
  const user = env[platform === 'win32' ? 'USERPROFILE' : 'HOME'];
  const directory = user === undefined || user === '' ? null : path.join(user, '.wasienv');
  const isOld = (file: string): boolean => {
    const real = realpathSync(file);
    if (real.startsWith(ours + path.sep)) return false;
    return /\bpython/.test(interpreterLine(real)) || (directory !== null && (file.startsWith(directory + path.sep) || real.startsWith(directory + path.sep)));
  };
  const commands = PYTHON_COMMANDS.flatMap((name) => findOnPath(name, env, platform).filter(isOld));
  const directoryThere = directory !== null && existsSync(directory);
  if (commands.length === 0 && !directoryThere) return ok('not here');
  const shadows = commands.includes(findOnPath('wasienv', env, platform)[0] ?? '');
  return {
    status: shadows ? 'warning' : 'note',
    text: shadows ? `\`wasienv\` in this shell is the Python one: ${commands[0]}` : `found: ${[...commands, ...(directoryThere ? [directory] : [])].join(', ')}`,
    cause: 'an older tool of the same name, by Wasmer, no longer maintained; this wasienv touches nothing of it',
    next: shadows ? 'npx wasienv …   # this one; `pip uninstall wasienv` removes the other' : 'pip uninstall wasienv   # when you no longer need it',
  };
}
