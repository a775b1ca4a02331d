// From what the user typed after `wasienv rustc` or `wasienv cargo` to what is started. Pure. Everything passes through
// as it is; what is added is the target, the linker and the runner, each only where the user gave none.
// source: the Cargo Book, "Configuration" and "Environment Variables"; rustc book, "Command-line Arguments".
import type { Environment } from '../base/surroundings.js';
import { meansPreview1 } from '../toolchain/rust/index.js';

/** What a command line is made with. */
export interface RustParts {
  /** What this rustc calls preview 1, and every name of it that it has a library for. */
  readonly target: string;
  readonly installed: readonly string[];
  /** To be named to rustc; null where it finds the right one by itself, or where there is none. */
  readonly linker: string | null;
}

export interface RustArguments {
  readonly args: readonly string[];
  /** The target in effect; null for one that is not preview 1, which is none of our business. */
  readonly target: string | null;
  /** Whether a linker will be started, as far as can be told. */
  readonly links: boolean;
  /** Whether the user named a linker. */
  readonly linkerNamed: boolean;
  readonly notes: readonly string[];
}

/** `+nightly` in front, as rustup's programs take it. */
export function splitToolchain(args: readonly string[]): { readonly toolchain: string | undefined; readonly rest: readonly string[] } {
  const [first] = args;
  return first !== undefined && /^\+./.test(first) ? { toolchain: first.slice(1), rest: args.slice(1) } : { toolchain: undefined, rest: args };
}

/** Whether rustc or cargo is only asked about itself: then nothing is needed to answer. */
export function isRustQuestion(tool: 'rustc' | 'cargo', args: readonly string[]): boolean {
  if (args.length === 0) return true;
  const questions = tool === 'rustc' ? /^(?:-V|-vV|-Vv|--version|-h|--help|--explain)$/ : /^(?:-V|-vV|-Vv|--version|-h|--help|--list|--explain|help|version)$/;
  return questions.test(args[0]!) || (args[0] === '-v' && questions.test(args[1] ?? ''));
}

/** `args` without `+TOOLCHAIN`. */
export function rustcArguments(parts: RustParts, args: readonly string[]): RustArguments {
  const { args: typed, target, notes } = withOwnTarget(parts, args);
  const linkerNamed = hasCodegenOption(args, 'linker');
  const links = rustcLinks(args);
  if (target === null) return { args: typed, target, links, linkerNamed, notes };
  const added: string[] = [];
  if (!namesTarget(args)) added.push('--target', target);
  if (links && !linkerNamed && parts.linker !== null) added.push('-C', `linker=${parts.linker}`);
  return { args: [...added, ...typed], target, links, linkerNamed, notes };
}

/** Subcommands of cargo that link something for the target, with cargo's own short names. */
const LINKING = /^(?:build|b|run|r|test|t|bench|install|rustc)$/;

export interface CargoParts extends RustParts {
  /** Stand for rustc and rustdoc; null to let cargo find its own. */
  readonly rustc: string | null;
  readonly rustdoc: string | null;
  /** The one that rustc finds by itself. */
  readonly ownLinker: string | null;
  /** The command that runs a module: program and arguments. */
  readonly runner: readonly string[];
}

export interface CargoArguments extends RustArguments {
  /** Added to the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

export function cargoArguments(parts: CargoParts, args: readonly string[], env: Environment): CargoArguments {
  const own = ownPart(args);
  const { args: typed, target: named, notes: noted } = withOwnTarget(parts, own);
  const notes = [...noted];
  const given = env['CARGO_BUILD_TARGET'] ?? '';
  let target = named;
  const variables: Record<string, string> = {};
  if (!namesTarget(own)) {
    if (given === '') variables['CARGO_BUILD_TARGET'] = parts.target;
    else if (!meansPreview1(given)) target = null;
    else if (!parts.installed.includes(given)) {
      variables['CARGO_BUILD_TARGET'] = parts.target;
      notes.push(renamed(given, parts.target));
    } else target = given;
  }
  const subcommand = own.find((argument, index) => !argument.startsWith('-') && !TAKES_VALUE.test(own[index - 1] ?? ''));
  const links = subcommand !== undefined && LINKING.test(subcommand);
  if (target === null) return { args, target, links, linkerNamed: false, notes, variables };

  const prefix = `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}`;
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '';
  // What `wasienv env` sets is a stopgap for plain cargo: here is known which linker fits this rustc.
  const isShim = OUR_LINKER.test(env[`${prefix}_LINKER`] ?? '');
  const linkerNamed = isSet(`${prefix}_LINKER`) && !isShim;
  const linker = parts.linker ?? (isShim ? parts.ownLinker : null);
  if (linker !== null && !linkerNamed) variables[`${prefix}_LINKER`] = linker;
  if (parts.rustc !== null) variables['RUSTC'] = parts.rustc;
  if (parts.rustdoc !== null && !isSet('RUSTDOC')) variables['RUSTDOC'] = parts.rustdoc;
  const configured: string[] = [];
  if (!isSet(`${prefix}_RUNNER`)) {
    // cargo splits the variable at white space and knows no quotes; a list in --config holds any path (cargo 1.63).
    if (parts.runner.some((word) => /\s/.test(word))) configured.push('--config', `target.${target}.runner=[${parts.runner.map(tomlString).join(',')}]`);
    else variables[`${prefix}_RUNNER`] = parts.runner.join(' ');
  }
  return { args: [...configured, ...typed, ...args.slice(own.length)], target, links, linkerNamed, notes, variables };
}

/** The linker shim of toolchain/setenv. */
const OUR_LINKER = /(?:^|[\\/])wasm32-wasip1-rust-wasm-ld(?:\.cmd)?$/;

/** Options of cargo that stand before the subcommand and take the next argument. */
const TAKES_VALUE = /^(?:--config|--color|-Z|-C|--explain)$/;

/** What follows `--` belongs to the program that cargo runs, or to rustc. */
function ownPart(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

/** A basic string of TOML: JSON's escapes are among its own. */
export function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function namesTarget(args: readonly string[]): boolean {
  return args.some((argument) => argument === '--target' || argument.startsWith('--target='));
}

/** The command line with every name of preview 1 that this rustc does not have put right. */
function withOwnTarget({ target: ours, installed }: RustParts, args: readonly string[]): { readonly args: readonly string[]; readonly target: string | null; readonly notes: readonly string[] } {
  const notes: string[] = [];
  let target: string | null = ours;
  const own = (asked: string): string => {
    if (!meansPreview1(asked)) target = null;
    else if (installed.includes(asked)) target = asked;
    else if (asked !== ours) notes.push(renamed(asked, ours));
    return target ?? asked;
  };
  const typed = args.map((argument, index) => {
    if (argument.startsWith('--target=')) return `--target=${own(argument.slice('--target='.length))}`;
    return args[index - 1] === '--target' ? own(argument) : argument;
  });
  return { args: typed, target, notes };
}

function renamed(asked: string, ours: string): string {
  return `${asked} is called ${ours} by this rustc`;
}

/** `-C name=…`, `-Cname=…`, `--codegen name=…`, `--codegen=name=…`. */
function hasCodegenOption(args: readonly string[], name: string): boolean {
  return args.some((argument, index) => {
    const previous = args[index - 1];
    if ((previous === '-C' || previous === '--codegen') && argument.startsWith(`${name}=`)) return true;
    return argument.startsWith(`-C${name}=`) || argument.startsWith(`--codegen=${name}=`);
  });
}

/** Whether rustc will start a linker: not for libraries, metadata or assembly. */
function rustcLinks(args: readonly string[]): boolean {
  const values = (option: string): string[] => args.flatMap((argument, index) => {
    if (argument.startsWith(`${option}=`)) return argument.slice(option.length + 1).split(',');
    return args[index - 1] === option ? argument.split(',') : [];
  });
  if (args.some((argument) => argument.startsWith('--print'))) return false;
  const kinds = values('--crate-type');
  const emits = values('--emit').map((kind) => kind.replace(/=.*/, ''));
  return (kinds.length === 0 || kinds.some((kind) => /^(?:bin|cdylib|dylib)$/.test(kind))) && (emits.length === 0 || emits.includes('link'));
}
