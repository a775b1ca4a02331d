// Programs that others wrote, from Debian's source packages, unchanged: built with our own cc, run by the interpreter
// and by Node's own WebAssembly with the same WASI, and compared with the same program built for this machine.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BIN } from '../support/cli.js';
import { adopted, debianClang, type DebianClang } from '../support/debian.js';
import { available } from '../support/skips.js';
import { portableToolchain } from '../support/toolchain.js';
import { buildForThisMachine, buildForWasi, sourceOf, start, type Ending, type Source } from './build.js';
import { renderDocument } from './document.js';
import { REAL_PROGRAMS, type RealProgram, type Run } from './programs.js';

const SCRIPTS = path.join(import.meta.dirname, 'scripts');
const DOCUMENT = path.resolve(import.meta.dirname, '..', '..', 'docs', 'real-programs.md');
const base = mkdtempSync(path.join(tmpdir(), 'wasienv-real-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Text with binary between: compressible in places, and not everywhere. Of files that nobody edits. */
const TEXT = readFileSync(path.resolve(import.meta.dirname, '..', '..', 'LICENSE'));
const DATA = Buffer.concat([TEXT, Buffer.from(Uint8Array.from({ length: 40_000 }, (_, index) => (index * index * 2654435761) >>> 13)), TEXT.subarray(100), Buffer.from(TEXT.toString('utf8').toUpperCase())]);

const sources = new Map(REAL_PROGRAMS.map((program) => [program.id, sourceOf(program)] as const));
const able = REAL_PROGRAMS.filter(({ id }) => !('missing' in sources.get(id)!));

const debian = debianClang(['clang', 'lld', 'sysroot', 'builtins']);

interface Built {
  readonly module: string;
  /** By Debian's clang. */
  readonly other?: string;
  readonly native: string;
}
const builds = new Map<string, Built | Error>();

beforeAll(async () => {
  if (able.length === 0) return;
  const toolchain = await portableToolchain();
  const other = 'missing' in debian ? undefined : await adopted(debian);
  const build = async (program: RealProgram): Promise<void> => {
    const source = sources.get(program.id) as Source;
    const built = async (): Promise<Built> => ({
      module: await buildForWasi(program, source, toolchain),
      native: await buildForThisMachine(program, source),
      ...(program.alsoWithDebian === true && other !== undefined ? { other: await buildForWasi(program, source, other, (debian as DebianClang).env) } : {}),
    });
    builds.set(program.id, await built().catch((error: Error) => error));
  };
  // The largest goes alone on one core, because it is nearly all one file; the others share the second.
  const [first, ...others] = able;
  await Promise.all([build(first!), (async () => { for (const program of others) await build(program); })()]);
});

function builtOf({ id }: RealProgram): Built {
  const built = builds.get(id);
  if (built === undefined || built instanceof Error) throw built ?? new Error(`${id} was not built`);
  return built;
}

const guest = (engine: string, module: string, { args }: Run): [string, readonly string[]] => [process.execPath, [BIN, 'run', '--engine', engine, '--env', 'HOME=/nobody', '--dir', '.', module, ...args]];
const ENGINES = {
  native: ({ native }: Built, { args }: Run): [string, readonly string[]] => [native, args],
  interpreter: ({ module }: Built, run: Run) => guest('interpreter', module, run),
  host: ({ module }: Built, run: Run) => guest('host', module, run),
  'other build': ({ other }: Built, run: Run) => guest('interpreter', other!, run),
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Text as it is; other bytes as a digest, which a person can read when they differ. */
function shown(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return /[\0-\x08\x0e-\x1f\ufffd]/.test(text) ? `${bytes.byteLength} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}` : text;
}

let count = 0;
/** All runs of a program, one after the other, each in an empty directory. */
async function runAll(program: RealProgram, engine: keyof typeof ENGINES): Promise<Outcome[]> {
  const built = builtOf(program);
  const outcomes: Outcome[] = [];
  let previous: Ending | undefined;
  for (const run of program.runs) {
    const cwd = path.join(base, `run-${count++}`);
    mkdirSync(cwd);
    for (const [name, what] of Object.entries(run.files ?? {})) writeFileSync(path.join(cwd, name), what === 'data' ? DATA : readFileSync(path.join(SCRIPTS, what.script)));
    const [file, args] = ENGINES[engine](built, run);
    // Programs name themselves in their messages: natively by the name that the guest has.
    previous = await start(file, args, { cwd, stdin: inputOf(run, previous), ...(engine === 'native' ? { name: path.basename(built.module) } : {}) });
    if (run.givesData === true) expect(previous.stdout.equals(DATA)).toBe(true);
    const files = Object.fromEntries(readdirSync(cwd).sort().map((name) => [name, shown(readFileSync(path.join(cwd, name)))]));
    outcomes.push({ code: previous.code, stdout: shown(previous.stdout), stderr: shown(previous.stderr), files });
  }
  return outcomes;
}

function inputOf({ stdin }: Run, previous: Ending | undefined): Buffer {
  if (stdin === undefined) return Buffer.alloc(0);
  if (stdin === 'data') return DATA;
  if (stdin === 'previous') return previous!.stdout;
  return 'text' in stdin ? Buffer.from(stdin.text) : readFileSync(path.join(SCRIPTS, stdin.script));
}

for (const { id, title } of REAL_PROGRAMS) {
  const { unmet, why } = available(sources.get(id)!);
  if (unmet) test.skip(`${title}${why}`, () => undefined);
}

describe.each(able.map((program) => [program.title, program] as const))('%s', (_, program) => {
  let wanted: Outcome[];

  test('builds with wasienv cc, its sources untouched, and for this machine', async () => {
    wanted = await runAll(program, 'native');
    expect([wanted.map(({ code }) => code), wanted]).toEqual([program.runs.map(({ exit = 0 }) => exit), wanted]);
  });

  test.each(['interpreter', 'host'] as const)('does on the %s engine what it does natively', async (engine) => {
    expect(await runAll(program, engine)).toEqual(wanted);
  });

  if (program.alsoWithDebian === true) {
    test.skipIf('missing' in debian)(`does it when built with Debian’s clang too${available(debian).why}`, async () => {
      expect(await runAll(program, 'other build')).toEqual(wanted);
    });
  }
});

test('docs/real-programs.md says what these rows say', () => {
  const text = renderDocument(REAL_PROGRAMS);
  if (process.env['BLESS'] === '1') writeFileSync(DOCUMENT, text);
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(text);
});
