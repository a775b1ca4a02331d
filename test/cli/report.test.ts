// How the events of `setup` and `verify` are shown: in a pipe, as NDJSON, quietly, and on a real pseudo-terminal.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_PAINT } from '../../src/base/paint.js';
import type { Output } from '../../src/cli/output.js';
import { progressText, RateMeter } from '../../src/cli/progress-text.js';
import { tableLines } from '../../src/cli/table.js';
import { makeReporter } from '../../src/cli/report.js';
import type { Artifact, Release, SetupEvent } from '../../src/toolchain/types.js';
import { ROOT, withDirectory } from '../support/cli.js';
import { pseudoTerminal } from '../support/skips.js';

const component = 'portable-clang';
const artifact: Artifact = { location: 'x', sizeBytes: 30_000_000, integrity: null, witnesses: [] };
const release: Release = {
  version: '22.0.0', source: 'npm', hosts: ['any'], clangVersion: '22.1.0', artifact, unpack: { format: 'tar.gz', take: [] }, unpackedBytes: 1, expects: [], glibc: null, note: null, avoid: false,
  layout: { sysroot: 's', resourceDir: 'r', builtins: 'b', target: 'wasm32-wasip1', programs: { kind: 'portable', module: 'm' } },
};
const EVENTS: readonly SetupEvent[] = [
  { type: 'plan', plan: { home: '/home', source: 'npm', reason: 'nothing else is here', steps: [{ kind: 'install', component, version: '22.0.0', source: 'npm', artifact, release, refetch: false, use: true, why: 'nothing is installed' }] } },
  { type: 'step-start', component, phase: 'download' },
  ...Array.from({ length: 50 }, (_, index) => ({ type: 'progress', component, phase: 'download', doneBytes: (index + 1) * 600_000, totalBytes: 30_000_000 }) as const),
  { type: 'step-end', component, phase: 'download', durationMs: 5000, detail: '30 MB' },
  { type: 'note', text: 'something to know' },
  { type: 'proof-start', program: 'hello', index: 0, count: 2 },
  { type: 'proof-end', program: 'hello', ok: true, durationMs: 10 },
  { type: 'proof-start', program: 'files', index: 1, count: 2 },
  { type: 'proof-end', program: 'files', ok: true, durationMs: 10 },
  { type: 'done', changed: true },
];

/** Time that goes on by 100 ms whenever it is read. */
function clock(): () => number {
  let time = 0;
  return () => (time += 100);
}

async function show(options: { quiet: boolean; json: boolean }, events = EVENTS): Promise<string[]> {
  const lines: string[] = [];
  const output: Output = { print: (line) => void lines.push(line), note: (line) => void lines.push(`stderr: ${line}`), colour: NO_PAINT, errorColour: NO_PAINT, width: undefined, canRedraw: false };
  const reporter = await makeReporter(output, { ...options, now: clock() });
  events.forEach(reporter.emit);
  await reporter.close(false);
  return lines;
}

test('in a pipe: a line per phase', async () => {
  expect(await show({ quiet: false, json: false })).toEqual([
    'home     /home',
    'source   npm: nothing else is here',
    'install  portable-clang 22.0.0 from npm, 30 MB to download: nothing is installed',
    'downloading portable-clang',
    'downloaded portable-clang in 5.0 s (30 MB)',
    'note     something to know',
    'proved 2 programs in 100 ms',
  ]);
});

test('in a pipe a program that fails is named, and nothing is called proved', async () => {
  const lines = await show({ quiet: false, json: false }, [
    { type: 'proof-start', program: 'hello', index: 0, count: 1 },
    { type: 'proof-end', program: 'hello', ok: false, durationMs: 10, detail: 'wrong output' },
  ]);
  expect(lines).toEqual(['failed   hello: wrong output']);
});

test('--quiet: nothing', async () => {
  expect(await show({ quiet: true, json: false })).toEqual([]);
});

test('--json: every event but most of the progress, as it is', async () => {
  const events = (await show({ quiet: false, json: true })).map((line) => JSON.parse(line) as SetupEvent);
  expect(events.filter(({ type }) => type !== 'progress')).toEqual(EVENTS.filter(({ type }) => type !== 'progress'));
  const progress = events.filter((event) => event.type === 'progress');
  expect(progress.length).toBeGreaterThan(5);
  expect(progress.length).toBeLessThan(40);
  expect(progress.at(-1)?.doneBytes).toBe(30_000_000);
});

// util-linux's `script` makes the pseudo-terminal; BSD's has other options and then this is skipped.
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

describe.skipIf(!hasScript)(`on a terminal${pseudoTerminal(hasScript).why}`, () => {
  const draw = (columns: number, more = '', events = EVENTS): Promise<string> =>
    withDirectory(async (directory) => {
      const driver = path.join(directory, 'driver.mjs');
      const dist = (name: string) => JSON.stringify(path.join(ROOT, 'dist', 'cli', name));
      writeFileSync(
        driver,
        `const { makeReporter } = await import(${dist('report.js')}); const { makeOutput } = await import(${dist('output.js')}); const { surroundingsOf } = await import(${dist('surroundings.js')});
        const output = makeOutput(surroundingsOf(process), ${more.includes('no-color')});
        let time = 0; const reporter = await makeReporter(output, { quiet: false, json: false, now: () => time });
        const events = ${JSON.stringify(events)};
        const turn = () => new Promise((resolve) => setImmediate(resolve));
        // Drawing starts some turns after the event: a download goes on until its last state has been seen on the screen.
        let screen = ''; const write = process.stdout.write.bind(process.stdout);
        process.stdout.write = (chunk, ...rest) => { screen += chunk; return write(chunk, ...rest); };
        for (const event of events) {
          time += 100;
          do { reporter.emit(event); await turn(); } while (event.doneBytes === 29_400_000 && ${columns} > 0 && !screen.includes('29 MB of 30 MB'));
        }
        await reporter.close(${more.includes('failed')}); output.print('the end');`,
      );
      const { stdout } = spawnSync('script', ['-qec', `stty cols ${columns} rows 40; '${process.execPath}' '${driver}'`, '/dev/null'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', LANG: 'C.UTF-8' },
      });
      return stdout;
    });

  test('progress is drawn with bytes, rate and time left, and each phase leaves one line', async () => {
    const text = await draw(100);
    expect(text).toMatch(/downloading portable-clang {2}\d+(\.\d)? MB of 30 MB, [\d.]+ MB\/s, [\d.]+ m?s left/);
    expect(text).toContain('\u001b[32m✔\u001b[39m downloaded portable-clang in 5.0 s (30 MB)');
    expect(text).toMatch(/✔\S* proved in /);
    expect(text.replace(/\u001b\[\?25h/g, '').trimEnd().endsWith('the end'), 'what follows is printed after the drawing').toBe(true);
    expect(text.lastIndexOf('\u001b[?25h'), 'the cursor is shown again').toBeGreaterThan(text.lastIndexOf('\u001b[?25l'));
  });

  const TWO: readonly SetupEvent[] = [
    { type: 'step-start', component: 'wasi-sdk', phase: 'download' },
    { type: 'step-start', component: 'builtins', phase: 'download' },
    { type: 'progress', component: 'builtins', phase: 'download', doneBytes: 1_000_000, totalBytes: 2_000_000 },
    { type: 'progress', component: 'wasi-sdk', phase: 'download', doneBytes: 29_400_000, totalBytes: 30_000_000 },
    { type: 'step-end', component: 'wasi-sdk', phase: 'download', durationMs: 5000, detail: '30 MB' },
    { type: 'step-start', component: 'wasi-sdk', phase: 'unpack' },
  ];

  test('two downloads at once: both are told, and each leaves its own line', async () => {
    const text = await draw(140, '', [
      ...TWO,
      { type: 'step-end', component: 'wasi-sdk', phase: 'unpack', durationMs: 900, detail: '9 files' },
      { type: 'step-end', component: 'builtins', phase: 'download', durationMs: 7000, detail: '2.0 MB' },
    ]);
    expect(text).toMatch(/downloading wasi-sdk {2}29 MB of 30 MB.*; downloading builtins {2}1.0 MB of 2.0 MB/);
    for (const line of ['✔ downloaded wasi-sdk in 5.0 s (30 MB)', '✔ downloaded builtins in 7.0 s (2.0 MB)', '✔ unpacked wasi-sdk in 900 ms (9 files)']) expect(text.replace(/\u001b\[[0-9;]*m/g, '')).toContain(line);
    expect(text).toContain('the end');
  });

  test('two downloads at once, when one fails: nothing waits for the other', async () => {
    expect((await draw(140, 'failed', TWO)).replace(/\u001b\[[0-9;]*m/g, '')).toMatch(/✖ downloading builtins[\s\S]*the end/);
  });

  test('--no-color draws without colours', async () => {
    expect(await draw(100, 'no-color')).not.toMatch(/\u001b\[[0-9;]*m/);
  });

  test('what was under way when it failed is marked', async () => {
    expect(await draw(100, 'failed')).toMatch(/✖\S* proving 2 of 2: files/);
  });

  test('a terminal without a width gets plain lines', async () => {
    const text = await draw(0);
    expect(text).toContain('proved 2 programs in');
    expect(text).not.toContain('✔');
  });
});

describe('words', () => {
  test.each([
    [500_000, 1_000_000, undefined, '500 kB of 1.0 MB'],
    [500_000, 1_000_000, 250_000, '500 kB of 1.0 MB, 250 kB/s, 2.0 s left'],
    [500_000, null, 250_000, '500 kB, 250 kB/s'],
    [1_000_000, 1_000_000, 250_000, '1.0 MB of 1.0 MB, 250 kB/s'],
    [500_000, 1_000_000, 0, '500 kB of 1.0 MB'],
  ])('%d of %s at %s', (done, total, rate, text) => {
    expect(progressText(done, total, rate)).toBe(text);
  });

  test('the rate is that of the last seconds', () => {
    const meter = new RateMeter(5000);
    expect(meter.bytesPerSecond).toBeUndefined();
    meter.add(0, 0);
    meter.add(400, 400_000);
    expect(meter.bytesPerSecond, 'too early to tell').toBeUndefined();
    meter.add(1000, 1_000_000);
    expect(meter.bytesPerSecond).toBe(1_000_000);
    for (let second = 2; second <= 20; second += 1) meter.add(second * 1000, 1_000_000);
    expect(meter.bytesPerSecond, 'stalled').toBe(0);
  });

  test('table cells line up', () => {
    expect(tableLines([['a', 'bb', 'c'], ['aaa', 'b', '']])).toEqual(['a    bb  c', 'aaa  b']);
  });
});
