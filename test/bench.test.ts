// That the bench runs and gives well-formed results, with sizes that measure nothing. No figure of it decides anything.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { portableHome, portableToolchain } from './support/toolchain.js';

interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}
interface Results {
  readonly kernels: ReadonlyArray<{ readonly name: string; readonly milliseconds: Record<string, Record<string, Summary>>; readonly wasienvBeside: Record<string, Record<string, Summary>> }>;
  readonly geometricMeans: Record<string, Record<string, number>>;
  readonly startup: readonly unknown[];
  readonly missing: Record<string, string>;
}

const ordered = ({ median, least, most }: Summary): boolean => least > 0 && least <= median && median <= most;

test('two kernels on two engines: results agree, figures and ratios are there', async () => {
  await portableToolchain();
  const args = [path.resolve(import.meta.dirname, '../bench/run.mjs'), '--quick', '--json', '--filter', '^(fib|text)$', '--engines', 'host,wasienv'];
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, WASIENV_HOME: await portableHome() } });
  const { kernels, geometricMeans, startup, missing } = JSON.parse(printed) as Results;
  expect(kernels.map(({ name }) => name)).toEqual(['fib', 'text']);
  for (const { milliseconds, wasienvBeside } of kernels) {
    expect(Object.keys(milliseconds)).toEqual(['host', 'wasienv']);
    expect(Object.keys(wasienvBeside)).toEqual(['host']);
    for (const of of [...Object.values(milliseconds), ...Object.values(wasienvBeside)]) expect([ordered(of['cold']!), ordered(of['hot']!)]).toEqual([true, true]);
  }
  expect(geometricMeans['host']!['hot']).toBeGreaterThan(0);
  expect(startup).toEqual([]);
  expect(missing).toEqual({});
});
