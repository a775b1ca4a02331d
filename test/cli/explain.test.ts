// `explain` from the command line, and the line it adds under a compiler's own words.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS, isCommand, loadCommand } from '../../src/cli/command-table.js';
import { explain, RULES } from '../../src/explain/index.js';
import { FIXTURES } from '../explain/fixtures.js';
import { expectGolden, runCli, transcript, withDirectory } from '../support/cli.js';
import { schemaFaults } from '../support/json-schema.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';

const LOG = `cc -c a.c\n\u001b[1ma.c:1:10: \u001b[0m\u001b[0;1;31mfatal error: \u001b[0m'pwd.h' file not found\nwasm-ld: error: unable to find library -lz\nmake: *** [Makefile:3: a] Error 1`;

describe('a log', () => {
  test('that is piped in goes through unchanged, and is explained on stderr', async () => {
    const { code, stdout, stderr } = await runCli(['explain'], { input: LOG });
    expect({ code, stdout }).toEqual({ code: 0, stdout: LOG });
    expectGolden('explain', stderr);
  });

  test('of bytes that are no text goes through unchanged, too', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const { code, stdout } = await runCli(['explain'], { input: Buffer.concat([bytes, Buffer.from('\n'), Buffer.from(LOG)]) });
    expect(code).toBe(0);
    expect(stdout.endsWith(LOG)).toBe(true);
  });

  test('in files is explained on stdout, with the file', () => withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'a.log'), LOG);
    writeFileSync(path.join(directory, 'b.log'), 'all is well\r\n');
    expectGolden('explain-files', transcript(['explain', 'a.log', 'b.log'], await runCli(['explain', 'a.log', 'b.log'], { cwd: directory })));
    const { code, stderr } = await runCli(['explain', 'c.log'], { cwd: directory });
    expect(code).toBe(1);
    expect(stderr).toContain('error[E_FILE]: c.log is not there');
  }));

  test('becomes data with --json', async () => {
    const { stdout } = await runCli(['explain', '--json'], { input: LOG });
    expect(schemaFaults('explain.schema.json', JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1, logs: [{ file: null, lines: 4, explanations: [{ rule: 'posix-header', lineNumber: 2, count: 1 }, { rule: 'library-not-for-wasm', lineNumber: 3 }] }] });
  });

  test('without end stops with the reader of what is passed on', async () => {
    // Our child must end although its input never does: nothing else would end this test.
    const { code } = await runCli(['explain'], {
      input: 'x\n'.repeat(3_000_000),
      whileRunning: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    });
    expect(code).toBe(141);
  });
});

test('--list tells every rule', async () => {
  const { stdout } = await runCli(['explain', '--list', '--json']);
  expect((JSON.parse(stdout) as { rules: { id: string }[] }).rules.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id));
});

test('what rules tell to type exists: commands and their options', async () => {
  const wrong: string[] = [];
  for (const { rule, next } of FIXTURES.flatMap(({ log }) => explain(log))) {
    for (const [line, name] of next.matchAll(/(?<=`[^`]*)wasienv ([a-z0-9+-]+)[^`&|]*(?=[^`]*`)/g)) {
      if (!isCommand(name!)) {
        wrong.push(`${rule}: wasienv ${name}`);
        continue;
      }
      const { options } = await loadCommand(name as keyof typeof COMMANDS);
      // What stands behind `--` or behind the file of `run` is another program's.
      for (const [, option] of line.split(' -- ')[0]!.matchAll(/ --([a-z-]+)/g)) if (!Object.hasOwn(options, option!)) wrong.push(`${rule}: wasienv ${name} --${option}`);
    }
  }
  expect([...new Set(wrong)]).toEqual([]);
});

describe('a compiler that fails', () => {
  let home: string;
  beforeAll(async () => {
    await portableToolchain();
    home = await portableHome();
  });

  test('is explained in one line under its own', () => withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'a.c'), '#include <signal.h>\nint main(void) { return raise(SIGINT); }\n');
    const { code, stderr } = await runCli(['cc', 'a.c'], { cwd: directory, env: { WASIENV_HOME: home } });
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.at(-2)).toBe('3 errors generated.');
    expect(lines.at(-1)).toMatch(/^wasienv explains\[emulate-signal\]: /);
  }));

  test('and says nothing that a rule knows, is left alone', () => withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'a.c'), 'int main(void) { return nothing; }\n');
    const { stderr } = await runCli(['cc', 'a.c'], { cwd: directory, env: { WASIENV_HOME: home } });
    expect(stderr).toContain("use of undeclared identifier 'nothing'");
    expect(stderr).not.toContain('wasienv explains');
  }));
});
