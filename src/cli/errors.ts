// Wording of what can go wrong at the front door.
import { WasienvError } from '../base/errors.js';

const orSeeHelp = (guess: string | undefined, help: string) => (guess === undefined ? `\`${help}\` lists what there is` : `did you mean \`${guess}\`? \`${help}\` lists what there is`);

/** For a word that is one of a few. */
const oneOf = (known: readonly string[], guess: string | undefined) => `${guess === undefined ? '' : `did you mean \`${guess}\`? `}name one of ${known.map((each) => `\`${each}\``).join(', ')}`;

export const unknownCommand = (name: string, guess: string | undefined) =>
  new WasienvError('E_USAGE', `there is no command \`${name}\``, { next: orSeeHelp(guess === undefined ? undefined : `wasienv ${guess}`, 'wasienv --help') });

export const noCommandAfterOptions = (options: readonly string[]) =>
  new WasienvError('E_USAGE', `no command after ${options.map((option) => `\`${option}\``).join(' ')}`, { next: '`wasienv --help` lists the commands' });

export const unknownOption = (option: string, command: string | undefined, guess: string | undefined) =>
  new WasienvError('E_USAGE', `${command === undefined ? 'wasienv' : `\`wasienv ${command}\``} has no option \`${option}\``, {
    next: orSeeHelp(guess, command === undefined ? 'wasienv --help' : `wasienv ${command} --help`),
  });

export const optionBeforeCommand = (option: string, command: string) =>
  new WasienvError('E_USAGE', `\`${option}\` is an option of \`wasienv ${command}\` and stands before it`, { next: `write \`wasienv ${command} ${option}\`` });

export const missingValue = (option: string, placeholder: string, command: string) =>
  new WasienvError('E_USAGE', `\`${option}\` needs a value`, { next: `write \`${option} ${placeholder}\`, or \`${option}=-…\` for a value that starts with a dash; see \`wasienv ${command} --help\`` });

export const unwantedValue = (option: string, value: string) =>
  new WasienvError('E_USAGE', `\`${option}\` is a switch and takes no value`, { where: [['got', value]], next: `write \`${option}\` alone` });

export const givenTwice = (option: string) => new WasienvError('E_USAGE', `\`${option}\` is given twice`, { next: 'give it once' });

export const notAChoice = (option: string, value: string, choices: readonly string[], guess: string | undefined) =>
  new WasienvError('E_USAGE', `\`${option}\` cannot be \`${value}\``, {
    next: oneOf(choices, guess),
  });

export const unwantedOperand = (operand: string, command: string) =>
  new WasienvError('E_USAGE', `\`wasienv ${command}\` takes no operand \`${operand}\``, { next: `see \`wasienv ${command} --help\`` });

export const notAComponent = (operand: string, known: readonly string[], guess: string | undefined) =>
  new WasienvError('E_USAGE', `there is no component \`${operand}\``, {
    next: `${oneOf(known, guess)}, with a version or range if you like: \`wasi-sdk@30\``,
  });

export const notACount = (option: string, value: string) =>
  new WasienvError('E_USAGE', `\`${option}\` needs a whole number, not \`${value}\``, { next: `write \`${option} 2\`` });

export const unknownPart = (part: string, guess: string | undefined) =>
  new WasienvError('E_USAGE', `a toolchain has no part \`${part}\``, { next: orSeeHelp(guess === undefined ? undefined : `wasienv which ${guess}`, 'wasienv which') });

export const unknownBuildTool = (tool: string, known: readonly string[], guess: string | undefined) =>
  new WasienvError('E_USAGE', `there is no toolchain file for \`${tool}\``, { next: oneOf(known, guess) });

export const notTogether = (one: string, other: string, why: string) =>
  new WasienvError('E_USAGE', `\`${one}\` and ${other.startsWith('-') ? `\`${other}\`` : other} do not go together: ${why}`, { next: 'leave one of them out' });

export const notALanguage = (language: string, known: readonly string[]) =>
  new WasienvError('E_USAGE', `there is no project for \`${language}\``, { next: `${oneOf(known, undefined)}, then the directory: \`wasienv init c ${language}\`` });

export const filesInTheWay = (files: readonly string[]) =>
  new WasienvError('E_FILE', `${files.length === 1 ? 'a file is' : `${files.length} files are`} in the way; nothing was written`, { where: files.map((file) => ['there', file]), next: 'move them away, or name another directory: `wasienv init c DIRECTORY`' });

export const unknownShell = (shell: string, known: readonly string[], guess: string | undefined) =>
  new WasienvError('E_USAGE', `there is no completion for \`${shell}\``, { next: oneOf(known, guess) });

export const unknownTopic = (topic: string, guess: string | undefined) =>
  new WasienvError('E_USAGE', `there is no help about \`${topic}\``, { next: orSeeHelp(guess === undefined ? undefined : `wasienv help ${guess}`, 'wasienv --help') });

export const interrupted = (signalName: string, cause: unknown) =>
  new WasienvError('E_INTERRUPTED', signalName === 'SIGINT' ? 'stopped by Ctrl-C' : `stopped by ${signalName}`, {
    next: 'run the same command again; what was unfinished is done anew',
    cause,
  });

export const missingOperand = (command: string, placeholder: string, example: string) =>
  new WasienvError('E_USAGE', `\`wasienv ${command}\` needs ${placeholder}`, { next: `for example \`${example}\`; see \`wasienv ${command} --help\`` });

/** A file the user named cannot be read. `thrown` is what node:fs threw. */
export function unreadableFile(file: string, thrown: NodeJS.ErrnoException, next: string): WasienvError {
  const reasons: Readonly<Record<string, string>> = { ENOENT: 'is not there', EISDIR: 'is a directory', EACCES: 'may not be read by you', ENOTDIR: 'lies below something that is no directory' };
  return new WasienvError('E_FILE', `${file} ${reasons[thrown.code ?? ''] ?? `cannot be read: ${thrown.message}`}`, { next, cause: thrown });
}

/** Somebody removed the directory this shell stands in. */
export const noCurrentDirectory = (cause: unknown) => new WasienvError('E_FILE', 'the current directory is not there any more', { next: 'change to a directory that is, and run the same command again', cause });

const WRITE_REASONS: Readonly<Record<string, string>> = { ENOENT: 'its directory is not there', EISDIR: 'it is a directory', EACCES: 'you may not write there', ENOSPC: 'the disk is full', EROFS: 'the disk is read-only', ENOTDIR: 'it lies below something that is no directory' };

/** A file the user named cannot be written. `thrown` is what node:fs threw; `named` is how it was named: `-o`. */
export function unwritableFile(file: string, thrown: NodeJS.ErrnoException, named: string): WasienvError {
  return new WasienvError(thrown.code === 'ENOSPC' ? 'E_DISK_FULL' : 'E_FILE', `${file} cannot be written: ${WRITE_REASONS[thrown.code ?? ''] ?? thrown.message}`, { next: `give another path with \`${named}\``, cause: thrown });
}

export const unwritableOutput = (thrown: NodeJS.ErrnoException) =>
  new WasienvError(thrown.code === 'ENOSPC' ? 'E_DISK_FULL' : 'E_FILE', `standard output cannot be written: ${WRITE_REASONS[thrown.code ?? ''] ?? thrown.message}`, { next: 'make room there, or send the output elsewhere', cause: thrown });

export const missingVersion = (operand: string, name: string) =>
  new WasienvError('E_USAGE', `a version is missing after the \`@\` of \`${operand}\``, { next: `write \`${name}\` for the channel stable; \`wasienv list-remote ${name}\` shows the versions` });

export const noMirrorDirectory = (mirror: string) =>
  new WasienvError('E_SOURCE', 'the mirror cannot be used: there is no such directory', { where: [['mirror', mirror]], next: 'check the path; `wasienv help sources` shows what a mirror must hold' });

export const doctorInterrupted = () => new WasienvError('E_INTERRUPTED', 'the doctor was stopped before it had looked at everything', { next: 'run `wasienv doctor` again' });
