// The official suite, as `npm run spec` runs it: the runner is built and started as the program it is.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { suite } from '../support/skips.js';
import { hasSuite } from '../support/suite-directory.js';

const root = path.resolve(import.meta.dirname, '../..');
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });

test('the runner is built', () => {
  const { status, stdout } = node('node_modules/typescript/bin/tsc', '-p', 'test/spec/tsconfig.json');
  expect([status, stdout]).toEqual([0, '']);
});

// Without the suite beside the repository, as in a lone clone, there is nothing to run; `npm run spec` says how to get it.
describe.skipIf(!hasSuite)(`the official suite${suite(hasSuite).why}`, () => {
  // Through binary and text, encoder, decoder and printer are judged by what the modules do.
  test.each(['nothing', 'binary', 'text'])('is met, but for what expectations.json lists, with texts through %s', (through) => {
    const { status, stdout, stderr } = node('.built/spec/main.js', '--through', through);
    expect([status, stdout.split('\n').slice(-40).join('\n'), stderr]).toEqual([0, expect.stringMatching(/\n\d+ passed, \d+ failed\n$/), '']);
    expect(stdout).toMatch(/\n\d+ files, \d+ commands, \d+ of them assertions; 0 not run\n/);
  });

  test('an entry of expectations.json has a reason', () => {
    const entries = JSON.parse(readFileSync(path.join(root, 'test/spec/expectations.json'), 'utf8')) as Array<{ reason: string }>;
    expect(entries.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});
