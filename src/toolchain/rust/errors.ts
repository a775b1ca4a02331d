// The words of what can go wrong with a machine's Rust, each with the command that mends it there.
import { WasienvError } from '../../base/errors.js';
import type { RustFacts, RustFinding } from './find.js';
import type { LinkerChoice } from './linker.js';
import { isOfficialBuild } from './target.js';

const INSTALL_RUSTUP = 'install Rust with rustup (https://rustup.rs)';

/** No rustc at all, or none that answers; `toolchain`: as asked for with `+NAME` or `--rust`. */
export function noRust(refused: readonly RustFinding[], toolchain: string | undefined): WasienvError {
  const where = refused.flatMap(({ rustc, answer }) => ('refused' in answer ? [['rustc', `${rustc}: ${answer.refused}`] as const] : []));
  if (toolchain !== undefined) {
    return refused.length === 0
      ? new WasienvError('E_NO_RUST', `\`+${toolchain}\` names a toolchain of rustup, and there is no rustup here`, { next: `${INSTALL_RUSTUP}, or leave \`+${toolchain}\` out` })
      : new WasienvError('E_NO_RUST', `rustup has no usable toolchain ${toolchain}`, { where, next: `run \`rustup toolchain install ${toolchain}\`; \`rustup toolchain list\` shows which there are` });
  }
  // rustup is there, and was never told which toolchain to start.
  const undecided = refused.some(({ answer }) => 'refused' in answer && /rustup could not choose a version|no default toolchain|no override and no default/.test(answer.refused));
  if (undecided) return new WasienvError('E_NO_RUST', 'rustup has no default toolchain', { where, next: 'run `rustup default stable`, then `wasienv setup rust-target`' });
  return new WasienvError('E_NO_RUST', refused.length === 0 ? 'this machine has no rustc' : 'no rustc of this machine can be used', {
    where,
    next: `${INSTALL_RUSTUP}, then run \`wasienv setup rust-target\`;\non a Debian or Ubuntu \`wasienv setup apt-rust\` brings a whole Rust into wasienv's home`,
  });
}

export function aptHasItsOwn(named: string): WasienvError {
  return new WasienvError('E_USAGE', `--rust ${named} and the Rust of apt exclude each other: apt brings a rustc of its own`, {
    next: 'leave --rust out, or leave the source out to set up that rustc',
  });
}

export function notARust(file: string, why: string): WasienvError {
  return new WasienvError('E_NO_RUST', `${file} is not a usable rustc: ${why}`, {
    next: 'give the path of a rustc, or the name of a toolchain of rustup: `rustup toolchain list`',
  });
}

/** It knows preview 1 under no name, or has no library for the name it knows. */
export function noStd(finding: RustFinding, facts: RustFacts): WasienvError {
  const where = [['rustc', finding.rustc], ['sysroot', facts.sysroot]] as const;
  if (facts.target === null) {
    return new WasienvError('E_NO_RUST_STD', `${facts.versionLine} does not know WASI preview 1 under any name`, { where, next: 'use Rust 1.56 or newer' });
  }
  return new WasienvError('E_NO_RUST_STD', `rustc ${facts.release} has no standard library for ${facts.target}`, { where, next: howToAddStd(finding, facts) });
}

/** The commands that bring the missing library, by who made this rustc; for errors and for doctor. */
export function howToAddStd({ rustup }: Pick<RustFinding, 'rustup'>, facts: RustFacts): string {
  const { target, sysroot } = facts;
  if (target === null) return 'use Rust 1.56 or newer';
  if (rustup !== null) return `run \`wasienv setup rust-target\`, or \`${rustupCommand(sysroot, target).join(' ')}\` yourself`;
  if (isOfficialBuild(facts)) return 'run `wasienv setup rust-target`';
  return `${packageOf(facts)}, or use a rustc of rustup (https://rustup.rs)`;
}

/** `rustup target add wasm32-wasip1 --toolchain stable-x86_64-unknown-linux-gnu` */
export function rustupCommand(sysroot: string, target: string): readonly string[] {
  return ['rustup', 'target', 'add', target, '--toolchain', sysroot.split(/[\\/]/).at(-1)!];
}

/** Who packs rustc, and how their package with the library is called. The mark is in the version line. */
const PACKAGERS: readonly (readonly [mark: RegExp, advice: (target: string) => string])[] = [
  [/\(Fedora|\(Red Hat|\.(?:fc|el)\d+\)/, (target) => `run \`dnf install rust-std-static-${target}\``],
  [/\(Arch Linux/, () => 'run `pacman -S rust-wasm`'],
  [/\(Homebrew\)/, () => "Homebrew's Rust has no other targets: run `brew install rustup`"],
];

function packageOf({ versionLine, target, host }: RustFacts): string {
  const known = PACKAGERS.find(([mark]) => mark.test(versionLine))?.[1](target!);
  if (known !== undefined) return known;
  const example = host.includes('-linux-') ? ` (Debian, Ubuntu: \`apt install libstd-rust-dev-wasm32\`, or \`wasienv setup apt-rust\` without root; Fedora: \`dnf install rust-std-static-${target}\`; Arch: \`pacman -S rust-wasm\`)` : '';
  return `install the library that belongs to this rustc${example}`;
}

/** rust-lang.org's library would not fit: rustc takes only what the same build made. */
export function foreignBuild(finding: RustFinding, facts: RustFacts): WasienvError {
  return new WasienvError('E_NO_RUST_STD', `${facts.versionLine} is a packager's own build, and the library of rust-lang.org does not fit it`, {
    where: [['rustc', finding.rustc]],
    next: howToAddStd(finding, facts),
  });
}

export function noRustLinker(facts: RustFacts, { why, wantedMajor }: Extract<LinkerChoice, { kind: 'none' }>): WasienvError {
  const example = facts.host.includes('-linux-') ? ` (Debian, Ubuntu: \`apt install lld-${wantedMajor}\`)` : facts.host.includes('-apple-') ? ' (`brew install lld`)' : '';
  return new WasienvError('E_NO_WASM_LD', `no linker here fits what rustc ${facts.release} makes`, {
    where: [['wanted', `a wasm-ld of LLVM ${wantedMajor}`], ...why.map((each) => ['found', each] as const)],
    next: `install LLD ${wantedMajor}${example}, or name one with \`-C linker=FILE\`; a rustc of rustup (https://rustup.rs) brings its own`,
  });
}

export function rustupFailed(command: string, said: string): WasienvError {
  const offline = /dns error|error sending request|could not download|timed out|connect/i.test(said);
  return new WasienvError('E_SOURCE', 'rustup could not add the target', {
    where: [['command', command], ['said', said]],
    next: offline ? 'check the network; a mirror is named with RUSTUP_DIST_SERVER. Then run the same again' : 'run the command shown here yourself to see all it says',
  });
}

export function stdRefused(finding: RustFinding, facts: RustFacts, said: string): WasienvError {
  return new WasienvError('E_NO_RUST_STD', `${facts.versionLine} does not accept the library that was installed for it`, {
    where: [['rustc', finding.rustc], ['said', said]],
    next: `the library was made by another build of rustc ${facts.release}: ${howToAddStd(finding, facts)}`,
  });
}

/** `known`: the digests rustup goes by; empty where nobody can tell, as for a packager's rustc with its library. */
export function stdNotLocked({ rustc, rustup }: RustFinding, { release }: RustFacts, target: string, promised: { readonly file: string; readonly integrity: string }, known: readonly string[]): WasienvError {
  const why = known.length > 0 ? 'is another one than wasienv.lock promises' : 'cannot be compared with what wasienv.lock promises';
  return new WasienvError('E_PROJECT_LOCK', `the library of rustc ${release} for ${target} ${why}`, {
    where: [['rustc', rustc], ['file', promised.file], ['locked', promised.integrity], ...known.map((each) => ['rustup', each] as const)],
    next: known.length > 0
      ? 'find out which is right before anything is compiled: the manifests of this wasienv (`wasienv list-remote rust-target`), or the server that rustup uses (RUSTUP_DIST_SERVER)'
      : rustup === null ? 'use a rustc of rustup or of rust-lang.org, or leave rust-target out of the lock' : 'run `rustup update` for this toolchain, so that it has its channel manifest, or leave rust-target out of the lock',
  });
}
