// docs/real-programs.md, made of the rows of programs.ts: what a user types for each program, and why.
import { shellCommand } from '../../src/base/quote.js';
import { wasiArguments } from './build.js';
import type { RealProgram, Run } from './programs.js';

export function renderDocument(programs: readonly RealProgram[]): string {
  return `<!-- Made of test/real/programs.ts by \`BLESS=1 npx vitest run test/real\`. -->
# Real programs

Built by the tests with \`wasienv cc\` of the portable toolchain from Debian's source packages, none of their files changed, and run
by the interpreter and with \`--engine host\`: output, exit codes and written files are, byte for byte, those of the same program built
for this machine with gcc. Each section gives the line to type in the directory of the source.

Functions that POSIX has and WASI cannot have are in [test/real/absent](../test/real/absent): three small files that declare them and let
them fail as POSIX allows. Where a program wants one, they are compiled with it.

| program | source package | modes | absent functions |
|---|---|---|---|
${programs.map(({ title, package: name, forWasi, absent = '' }) => `| ${title} | ${name} | ${code(modes(forWasi.flatMap(([flags]) => flags)))} | ${absent} |`).join('\n')}

${programs.map(section).join('\n\n')}
`;
}

function section(program: RealProgram): string {
  const { id, title, sources, without = [], prepare, forWasi, absent, note, alsoWithDebian, runs } = program;
  const line = shellCommand(['wasienv', 'cc', ...wasiArguments(program, sources, 'absent'), '-o', `${id}.wasm`]).replaceAll(/'([\w./*]*\*[\w./*]*)'/g, '$1');
  const reasons = [
    ...(prepare === undefined ? [] : [`first, in a directory of its own: ${prepare.commands.map((command) => `\`${command.replace(/ >.*$/, '')}\``).join(' and ')}, because ${prepare.why}`]),
    ...(without.length === 0 ? [] : [`without ${without.map((file) => `\`${file}\``).join(', ')}`]),
    ...forWasi.map(([flags, why]) => `${code(flags)}: ${why}`),
    ...(absent === undefined ? [] : [`absent: ${absent}`]),
    ...(note === undefined ? [] : [note]),
    ...(alsoWithDebian === true ? ['also built and compared with Debian 12’s clang 14 and its wasi-libc of 2022, which has no setjmp (`wasienv setup --source apt`, or `--source system`)'] : []),
  ];
  return `## ${title}\n\n\`\`\`sh\n${line}\n\`\`\`\n\n${reasons.length === 0 ? 'Nothing more.' : reasons.map((reason) => `- ${reason}`).join('\n')}\n\nCompared: ${runs.map((run) => shown(id, run)).join('; ')}.`;
}

function shown(id: string, { args, stdin, exit = 0 }: Run): string {
  const from = stdin === undefined ? '' : stdin === 'data' ? ' < data' : stdin === 'previous' ? ' < what that wrote' : 'text' in stdin ? ' < text' : ` < ${stdin.script}`;
  return `\`${shellCommand([id, ...args])}${from}\`${exit === 0 ? '' : ` (exit code ${exit})`}`;
}

const modes = (flags: readonly string[]): string[] => flags.filter((flag) => !flag.startsWith('-D'));
const code = (flags: readonly string[]): string => (flags.length === 0 ? '' : `\`${flags.join(' ')}\``);
