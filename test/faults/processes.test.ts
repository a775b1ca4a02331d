// Processes that die, hurry or come all at once, as real processes. Asserted each time: nothing half-made is ever
// used (`currentToolchain` gives a whole version or none), the next setup ends well, nothing is left over.
import { spawn } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { checkFiles, currentToolchain, readReceipts } from '../../src/toolchain/index.js';
import { describeMe } from '../../src/toolchain/lock.js';
import { setupInChild } from '../support/child.js';
import { debianClang } from '../support/debian.js';
import { cannotTry, trial, trials } from '../support/faults.js';
import { Random, seeded } from '../support/random.js';
import type { Registry } from '../support/registry.js';
import { PACKAGE, PACKAGES, faultsOfHome, release, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

const CLI = path.resolve(import.meta.dirname, '../../bin/wasienv.js');
const KILLS = trials(24, 100);
const CLI_KILLS = trials(20, 100);

let registry: Registry;
let workshop: Workshop;
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
});

/** The version in use and whole, or null where there is none. Anything half-made fails the test. */
async function wholeVersion(): Promise<string | null> {
  const version = await currentToolchain(workshop.home).then(
    (toolchain) => toolchain.version,
    (error: WasienvError) => (expect([error.code, error.message]).toEqual(['E_NO_TOOLCHAIN', error.message]), null),
  );
  for (const receipt of readReceipts(workshop.home).good.values()) expect(await checkFiles(receipt, { deep: true })).toEqual([]);
  return version;
}

describe('kill -9', () => {
  // How many events a setup emits depends on the machine; the moment is drawn as a share of what an undisturbed one
  // took, so that early, middle and last moments all come up, on any machine.
  test(`at ${KILLS} random moments: each next setup ends well`, async () => {
    const next = seeded(20260103);
    const started = performance.now();
    await setupInChild(workshop, { request: { version: PACKAGE.one } });
    const usualMs = performance.now() - started;
    const seen = { killed: 0, finished: 0, whole: new Set<string | null>() };
    for (let round = 0; round < KILLS; round += 1) await trial('kill -9 of a setup at a random moment', async () => {
      const version = round % 2 === 0 ? PACKAGE.two : PACKAGE.one;
      // Half of the kills come at a moment of the clock, half right after an event, where steps meet.
      const atMs = next() * usualMs * 1.1;
      const atLine = 2 + Math.floor(next() * 12);
      const before = await wholeVersion();
      const end = await setupInChild(workshop, {
        request: { version, refetch: round % 3 === 0 },
        ...(round % 4 < 2
          ? { onStart: (child) => void setTimeout(() => child.kill('SIGKILL'), atMs).unref() }
          : { onLine: (_line, count, child) => void (count === atLine && child.kill('SIGKILL')) }),
      });
      if (end.signal === 'SIGKILL') seen.killed += 1;
      else seen.finished += 1;
      const after = await wholeVersion();
      expect([before, version]).toContain(after);
      seen.whole.add(after);
      if (round % 5 === 4) {
        const mended = await setupInChild(workshop, { request: { version } });
        expect(mended.outcome).toMatchObject({ ok: true, version });
        expect(await faultsOfHome(workshop.home)).toEqual([]);
      }
    });
    const last = await setupInChild(workshop, { request: { version: PACKAGE.two, refetch: true } });
    expect(last.outcome).toEqual({ ok: true, changed: true, version: PACKAGE.two });
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    // How many finish first depends on how busy the machine is.
    expect(seen.killed).toBeGreaterThan(0);
    expect(seen.whole).toEqual(new Set([PACKAGE.one, PACKAGE.two]));
  });

  // The whole program, as a person runs it. Half of the rounds kill a repair of what the killed one before left.
  test(`of bin/wasienv.js at ${CLI_KILLS} random moments: each next setup ends well`, async () => {
    const random = new Random(20260304);
    const [one, two] = [release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!), release(PACKAGE.two, PACKAGES.get('clang-2.0.0.tgz')!)];
    const setup = (killAfterMs: number | null): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [CLI, 'setup', '--source', 'npm', '--no-prove'], { cwd: workshop.cwd, env: { ...workshop.env }, stdio: ['ignore', 'pipe', 'pipe'] });
        let output = '';
        for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
        const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
        child.on('error', reject).on('close', (code, signal) => {
          clearTimeout(timer);
          resolve({ code, signal, output });
        });
      });
    const started = performance.now();
    expect(await setup(null)).toMatchObject({ code: 0 });
    let usualMs = performance.now() - started;
    let killed = 0;
    for (let round = 0; round < CLI_KILLS; round += 1) await trial('kill -9 of bin/wasienv.js at a random moment', async () => {
      const before = await wholeVersion();
      const wanted = round % 4 < 2 ? PACKAGE.one : PACKAGE.two;
      workshop.manifests(wanted === PACKAGE.one ? [two, one] : [one, two]);
      const end = await setup((random.below(1000) / 1000) * usualMs);
      if (end.signal === 'SIGKILL') killed += 1;
      expect([before, wanted]).toContain(await wholeVersion());
      if (round % 2 === 0) return;
      const begun = performance.now();
      expect(await setup(null)).toMatchObject({ code: 0 });
      // A busy machine that becomes idle would otherwise finish before every kill.
      usualMs = Math.min(usualMs, performance.now() - begun);
      expect(await wholeVersion()).toBe(wanted);
      expect(await faultsOfHome(workshop.home)).toEqual([]);
    });
    expect(killed).toBeGreaterThan(0);
  });

  test.each(['download', 'verify', 'unpack', 'check', 'commit'])('as %s begins, on an empty home', (phase) => trial('kill -9 as a phase begins', async () => {
    const end = await setupInChild(workshop, {
      onLine: (line, _count, child) => void (line['type'] === 'step-start' && line['phase'] === phase && child.kill('SIGKILL')),
    });
    expect(end.signal).toBe('SIGKILL');
    expect([null, PACKAGE.two]).toContain(await wholeVersion());
    const next = await setupInChild(workshop);
    expect(next.outcome).toMatchObject({ ok: true, version: PACKAGE.two });
    expect(next.events.filter((event) => event.type === 'lock-wait')).toEqual([]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  }));
});

describe('Ctrl-C', () => {
  test('in the middle of a download: E_INTERRUPTED, and nothing half-made', () => trial('Ctrl-C', async () => {
    await workshop.setup({ version: PACKAGE.one });
    registry.fault = { kind: 'stall' };
    const end = await setupInChild(workshop, { onLine: (line, _count, child) => void (line['type'] === 'progress' && child.kill('SIGINT')) });
    expect(end.outcome?.error).toMatchObject({ code: 'E_INTERRUPTED', next: expect.stringContaining('wasienv setup') });
    expect(end.signal).toBeNull();
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  }));

  test.each(['unpack', 'check', 'commit'])('as %s begins', (phase) => trial('Ctrl-C', async () => {
    const end = await setupInChild(workshop, { onLine: (line, _count, child) => void (line['type'] === 'step-start' && line['phase'] === phase && child.kill('SIGINT')) });
    // The signal may come after the last moment at which stopping makes sense; then the work is whole.
    if (end.outcome?.error === undefined) expect(end.outcome).toMatchObject({ ok: true });
    else {
      expect(end.outcome.error.code).toBe('E_INTERRUPTED');
      expect(await wholeVersion()).toBeNull();
    }
    await workshop.setup();
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  }));

  test('before anything began', () => trial('Ctrl-C', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(workshop.setup({}, { signal: controller.signal })).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await wholeVersion()).toBeNull();
  }));
});

test('a setup killed after its last step leaves a lock; the next one, with nothing to do, takes it away', () => trial('a lock whose holder died', async () => {
  await workshop.setup();
  writeFileSync(path.join(workshop.home, 'lock'), JSON.stringify({ ...describeMe('setup'), pid: 2 ** 22 + 1 }));
  const next = await setupInChild(workshop);
  expect(next.outcome).toMatchObject({ ok: true, changed: false });
  expect(await faultsOfHome(workshop.home)).toEqual([]);
}));

test('eight setups at once: one installs, seven find it done, one download', () => trial('eight setups at once', async () => {
  const ends = await Promise.all(Array.from({ length: 8 }, () => setupInChild(workshop)));
  expect(ends.map((end) => end.outcome)).toEqual(ends.map(() => expect.objectContaining({ ok: true, version: PACKAGE.two })));
  expect(ends.filter((end) => end.outcome?.changed === true).length).toBe(1);
  expect(registry.requests.length).toBe(1);
  expect(await faultsOfHome(workshop.home)).toEqual([]);
}));

test('eight setups of two versions at once: all end well, one version is in use and whole', () => trial('eight setups at once', async () => {
  const ends = await Promise.all(Array.from({ length: 8 }, (_, index) => setupInChild(workshop, { request: { version: index % 2 === 0 ? PACKAGE.one : PACKAGE.two } })));
  expect(ends.map((end) => end.outcome)).toEqual(ends.map(() => expect.objectContaining({ ok: true })));
  expect([PACKAGE.one, PACKAGE.two]).toContain(await wholeVersion());
  expect(await faultsOfHome(workshop.home)).toEqual([]);
}));

test('whoever waits is told for whom', () => trial('a lock whose holder died', async () => {
  registry.fault = { kind: 'stall' };
  let holder = 0;
  let waiter: ReturnType<typeof setupInChild> | undefined;
  const first = setupInChild(workshop, {
    onStart: (child) => (holder = child.pid!),
    onLine: (line, _count, child) => {
      if (line['type'] !== 'progress' || waiter !== undefined) return;
      waiter = setupInChild(workshop, {
        onLine: (said) => {
          if (said['type'] !== 'lock-wait') return;
          registry.fault = { kind: 'ok' };
          child.kill('SIGKILL');
        },
      });
    },
  });
  expect((await first).signal).toBe('SIGKILL');
  const second = await waiter!;
  expect(second.outcome).toMatchObject({ ok: true, changed: true });
  expect(second.events.filter((event) => event.type === 'lock-wait')).toEqual([{ type: 'lock-wait', holder: expect.stringContaining(`process ${holder} on `) }]);
}));

describe('a clock set back', () => {
  const faketime = debianClang(['faketime']);
  /** Everything a process asks the time of is told another, by the system library in between. */
  const inYear = (years: number): Readonly<Record<string, string>> | null => {
    if ('missing' in faketime) return null;
    const [library] = readdirSync(path.join(faketime.root, 'usr/lib'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('libfaketimeMT.so.1'));
    return { LD_PRELOAD: path.join(faketime.root, 'usr/lib', library!), FAKETIME: `${years * 365 > 0 ? '+' : ''}${years * 365}d`, DONT_FAKE_MONOTONIC: '1' };
  };

  test.each<readonly [name: string, years: number]>([
    ['ten years back', -10],
    ['ten years forth, and then right again', 10],
  ])('%s between two setups', (_name, years) => trial('a clock set back', async () => {
    const env = inYear(years);
    if (env === null) cannotTry(`no libfaketime: ${(faketime as { missing: string }).missing}`);
    await workshop.setup({ version: PACKAGE.one });
    const outside = workshop.outside();
    // It breaks off, so that a part from another time is left as well.
    registry.fault = { kind: 'cut', after: [200_000, 0, 0] };
    const broken = await setupInChild(workshop, { env, request: { version: PACKAGE.two } });
    expect(broken.outcome?.error).toMatchObject({ code: expect.stringMatching(/E_NETWORK|E_TRUNCATED/) });
    expect(await wholeVersion()).toBe(PACKAGE.one);
    registry.fault = { kind: 'ok' };
    const there = await setupInChild(workshop, { env, request: { version: PACKAGE.two } });
    expect(there.outcome, there.stderr).toMatchObject({ ok: true, version: PACKAGE.two });
    const installedAt = [...readReceipts(workshop.home).good.values()].find(({ version }) => version === PACKAGE.two)!.installedAt;
    expect(Math.round((Date.parse(installedAt) - Date.now()) / 86_400_000)).toBe(years * 365);
    const back = await setupInChild(workshop, { request: { version: PACKAGE.one } });
    expect(back.outcome).toMatchObject({ ok: true, version: PACKAGE.one });
    expect(await wholeVersion()).toBe(PACKAGE.one);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    expect(workshop.outside()).toEqual(outside);
  }));

  test('while another holds the lock: files that seem to come from the future, a holder that is dead', () => trial('a clock set back', async () => {
    await workshop.setup({ version: PACKAGE.one });
    const lock = path.join(workshop.home, 'lock');
    writeFileSync(lock, JSON.stringify({ ...describeMe('setup'), pid: 2 ** 22 + 1, since: '2099-01-01T00:00:00.000Z' }));
    for (const file of [lock, ...readdirSync(path.join(workshop.home, 'receipts')).map((name) => path.join(workshop.home, 'receipts', name))]) utimesSync(file, new Date('2099-01-01'), new Date('2099-01-01'));
    const next = await setupInChild(workshop, { request: { version: PACKAGE.two } });
    expect(next.outcome).toMatchObject({ ok: true, version: PACKAGE.two });
    expect(next.events.filter((event) => event.type === 'lock-wait')).toEqual([]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  }));
});
