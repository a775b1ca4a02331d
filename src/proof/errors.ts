// The words of a proof that fails.
import { WasienvError } from '../base/errors.js';
import type { ProgramResult, ProofReceipt } from './receipt.js';

const BLAME: Readonly<Record<NonNullable<ProgramResult['fault']>, string>> = {
  compiler: 'the compiler failed',
  program: 'it was built, but does not do what its source says',
  interpreter: "wasienv's interpreter does not run it: no statement about the compiler",
};

/** A proof that was made and did not pass, as an error: what failed first, and how many. */
export function proofFailed(receipt: ProofReceipt, receiptFile: string): WasienvError {
  const failed = receipt.programs.filter((each) => each.fault !== null);
  const blamesUs = failed.every((each) => each.fault === 'interpreter');
  const shown = failed.slice(0, 3);
  return new WasienvError('E_PROOF', `${failed.length} of ${receipt.programs.length} proof programs failed with ${receipt.toolchain.component} ${receipt.toolchain.version}`, {
    where: [
      ...shown.flatMap((each): [string, string][] => [[each.id, `${BLAME[each.fault!]}; it shows ${each.shows}`], ['', each.detail ?? '']]),
      ...(failed.length > shown.length ? [['and', failed.slice(3).map((each) => each.id).join(', ')] as const] : []),
      ['receipt', receiptFile],
    ],
    next: blamesUs
      ? 'the compiler is not at fault; report this with the receipt'
      : receipt.toolchain.component === 'rust-target'
        ? 'run `wasienv doctor`: it names the rustc, its library and the linker that were used; with rustup, remove the target and add it again'
        : advice(failed, receipt.toolchain.source),
  });
}

/** The next step, from what the compiler said. What was adopted is not ours to repair. */
function advice(failed: readonly ProgramResult[], source: string): string {
  const details = failed.map((each) => each.detail ?? '').join('\n');
  const cause =
    /undefined symbol: __stack_chk_(?:guard|fail)/.test(details) ? 'the builtins library was built for a libc with a stack protector, and this one has none'
    : /libclang_rt\.builtins|undefined symbol: __(?:multi3|addtf3|subtf3|multf3|divtf3|u?divti3|u?modti3|extenddftf2|trunctfdf2)/.test(details) ? 'the builtins library of compiler-rt is missing or damaged'
    : /\/c\+\+\/v1\/\S+: error: /.test(details) ? "the sysroot's libc++ is made for another clang, newer or older than this one; C is not affected"
    : /undefined template 'std::\S*fstream/.test(details) ? 'this libc++ was built without a file system, and so without std::fstream; all else works'
    : /unable to find library -lc\b|crt1(?:-command)?\.o|' file not found/.test(details) ? 'the sysroot (libc, crt1, headers) is missing or damaged'
    : null;
  const what = cause === null ? '' : `${cause}: `;
  const mend = cause?.includes('libc++') === true ? 'take parts from elsewhere (`wasienv setup --clang … --source apt`) or another clang' : 'mend the packages it comes from';
  if (source === 'system') return `${what}${mend}, or run \`wasienv setup --source npm\` for a compiler that does not depend on them`;
  return cause === null ? 'run `wasienv doctor --deep` to see whether files were damaged, `wasienv setup` to repair' : `${what}run \`wasienv setup\` to repair the installation`;
}

export function proofInterrupted(): WasienvError {
  return new WasienvError('E_INTERRUPTED', 'the proof was stopped before it was complete', {
    next: 'run `wasienv verify` to prove the toolchain',
  });
}

export function unreadableProof(file: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_RECEIPT', `a proof receipt cannot be understood: ${why}`, {
    where: [['file', file]],
    next: 'run `wasienv verify`: it writes the receipt anew',
    cause,
  });
}

export function unreadableProgram(file: string, cause: unknown): WasienvError {
  return new WasienvError('E_FILE', 'a proof program of this wasienv is missing', {
    where: [['file', file]],
    next: 'install wasienv again: its package is not complete',
    cause,
  });
}

export function keepDirectoryInUse(directory: string, cause: unknown): WasienvError {
  return new WasienvError('E_FILE', 'the directory for the proof programs already holds some', {
    where: [['directory', directory]],
    next: 'name an empty directory, or one that is not there yet',
    cause,
  });
}
