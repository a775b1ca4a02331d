// `--profile FILE` and `--coverage FILE` of `wasienv run`: what is counted while the program runs, and the files it becomes
// when it has ended, however it did. Loaded when one of them is given.
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../base/errors.js';
import { visible } from '../base/text.js';
import { wasienvVersion } from '../base/version.js';
import { hasSourceLines, type Counting, type Module, type Probes } from '../program/index.js';
import { coverageOf, lcovText, type FileCoverage } from '../program/measure/coverage.js';
import { flameGraph, profilePage } from '../program/measure/flame-graph.js';
import { profileOf, type Profile } from '../program/measure/profile.js';
import { speedscopeText } from '../program/measure/speedscope.js';
import { unwritableFile } from './errors.js';

const FORMS: Readonly<Record<string, (profile: Profile) => string>> = {
  '.json': (profile) => speedscopeText(profile, `wasienv ${wasienvVersion()}`),
  '.svg': flameGraph,
  '.html': profilePage,
  '.htm': profilePage,
};

export interface MeasureOptions {
  readonly profile: string | undefined;
  readonly coverage: string | undefined;
}

export interface Measurement {
  /** For `runProgram`. */
  readonly counting: Counting;
  /** Writes the files, once the program has ended; returns what to say of them, a line each. */
  finish(): string[];
}

/** Throws, before anything runs: E_USAGE for a profile of a form nobody knows, E_NO_LINES for coverage of a module without them, E_FILE for files that cannot be written. */
export function measure({ profile, coverage }: MeasureOptions, module: Module, program: string, cwd: string): Measurement {
  const form = profile === undefined ? undefined : FORMS[path.extname(profile).toLowerCase()];
  if (profile !== undefined && form === undefined) {
    throw new WasienvError('E_USAGE', `\`--profile ${profile}\` does not tell the form of the profile by the end of its name`, {
      next: 'end it in .html (a page), .svg (the flame graph alone) or .json (for https://www.speedscope.app)',
    });
  }
  if (coverage !== undefined && !hasSourceLines(module)) {
    throw new WasienvError('E_NO_LINES', 'the module does not tell which lines it was compiled from, so there is no coverage', {
      where: [['file', program]],
      next: 'compile and link it with `-g`, and without `-s` and `--strip-debug`',
    });
  }
  const profileFile = profile === undefined ? undefined : open(profile, '--profile');
  const coverageFile = coverage === undefined ? undefined : open(coverage, '--coverage');
  let counted: Probes | undefined;
  return {
    counting: { profile: profile !== undefined, coverage: coverage !== undefined, done: (probes) => (counted = probes) },
    finish() {
      if (counted === undefined) return [];
      const said: string[] = [];
      if (profileFile !== undefined) {
        const made = profileOf(counted.calls!, module, program);
        write(profileFile, form!(made));
        said.push(`profile: ${made.instructions.toLocaleString('en-US')} instructions in ${made.functions.length} functions, written to ${visible(profile!)}`);
      }
      if (coverageFile !== undefined) {
        const { files, others } = filesHere(counted, module, cwd);
        write(coverageFile, lcovText(files));
        said.push(`coverage: ${summary(files)}${others === 0 ? '' : `, without ${others === 1 ? '1 file that is' : `${others} files that are`} not on this machine`}; written to ${visible(coverage!)}`);
      }
      return said;
    },
  };
}

/** The sources that can be shown: of libraries that came compiled, none are here. When there are none at all, all are kept. */
function filesHere(probes: Probes, module: Module, cwd: string): { readonly files: readonly FileCoverage[]; readonly others: number } {
  const others = new Set<string>();
  const isHere = (file: string): boolean => {
    const here = existsSync(path.resolve(cwd, file));
    if (!here) others.add(file);
    return here;
  };
  const files = coverageOf(probes, module, isHere) ?? [];
  if (files.length > 0) return { files: files.map((file) => ({ ...file, path: path.resolve(cwd, file.path) })), others: others.size };
  return { files: coverageOf(probes, module, () => true) ?? [], others: 0 };
}

function summary(files: readonly FileCoverage[]): string {
  const lines = files.flatMap((file) => file.lines);
  const run = lines.filter(([, count]) => count > 0).length;
  return `${run} of ${lines.length} lines (${lines.length === 0 ? '0.0' : ((100 * run) / lines.length).toFixed(1)} %) in ${files.length === 1 ? '1 file' : `${files.length} files`}`;
}

interface Opened {
  readonly file: string;
  readonly option: string;
  readonly descriptor: number;
}

function open(file: string, option: string): Opened {
  try {
    return { file, option, descriptor: openSync(file, 'w') };
  } catch (thrown) {
    throw unwritableFile(file, thrown as NodeJS.ErrnoException, option);
  }
}

function write({ file, option, descriptor }: Opened, text: string): void {
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    closeSync(descriptor);
  } catch (thrown) {
    throw unwritableFile(file, thrown as NodeJS.ErrnoException, option);
  }
}
