// Processes that die, hurry or come all at once, as real processes. Asserted each time: nothing half-made is ever
// used (`currentToolchain` gives a whole version or none), the next setup ends well, nothing is left over.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { checkFiles, currentToolchain, readReceipts } from '../../src/toolchain/index.js';
import { describeMe } from '../../src/toolchain/lock.js';
import { setupInChild } from '../support/child.js';
import { Random, seeded } from '../support/random.js';
import { startRegistry, type Registry } from '../support/registry.js';
import { makeTally, trials } from '../support/tally.js';
import { PACKAGE, PACKAGES, faultsOfHome, makeWorkshop, release, versionInUse, type Workshop } from '../support/workshop.js';

const CLI = path.resolve(import.meta.dirname, '../../bin/wasienv.js');
const KILLS = trials(24, 100);
const CLI_KILLS = trials(20, 100);
const tally = makeTally('faults of processes');

let registry: Registry;
let workshop: Workshop;
beforeAll(async () => {
  registry = await startRegistry(PACKAGES);
});
afterAll(() => registry.close());
beforeEach(() => {
  registry.fault = { kind: 'ok' };
  workshop = makeWorkshop(registry.url);
});
afterEach(() => workshop.remove());

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
  test(`at ${KILLS} random moments: each next setup ends well`, { timeout: 900_000 }, async () => {
    const next = seeded(20260103);
    const started = performance.now();
    await setupInChild(workshop, { request: { version: PACKAGE.one } });
    const usualMs = performance.now() - started;
    const seen = { killed: 0, finished: 0, whole: new Set<string | null>() };
    for (let round = 0; round < KILLS; round += 1) await tally.trial('kill -9 of a setup at a random moment', async () => {
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
  test(`of bin/wasienv.js at ${CLI_KILLS} random moments: each next setup ends well`, { timeout: 900_000 }, async () => {
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
    for (let round = 0; round < CLI_KILLS; round += 1) await tally.trial('kill -9 of bin/wasienv.js at a random moment', async () => {
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

  test.each(['download', 'verify', 'unpack', 'check', 'commit'])('as %s begins, on an empty home', async (phase) => {
    const end = await setupInChild(workshop, {
      onLine: (line, _count, child) => void (line['type'] === 'step-start' && line['phase'] === phase && child.kill('SIGKILL')),
    });
    expect(end.signal).toBe('SIGKILL');
    expect([null, PACKAGE.two]).toContain(await wholeVersion());
    const next = await setupInChild(workshop);
    expect(next.outcome).toMatchObject({ ok: true, version: PACKAGE.two });
    expect(next.events.filter((event) => event.type === 'lock-wait')).toEqual([]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  test('in the middle of a download: E_INTERRUPTED, and nothing half-made', async () => {
    await workshop.setup({ version: PACKAGE.one });
    registry.fault = { kind: 'stall' };
    const end = await setupInChild(workshop, { onLine: (line, _count, child) => void (line['type'] === 'progress' && child.kill('SIGINT')) });
    expect(end.outcome?.error).toMatchObject({ code: 'E_INTERRUPTED', next: expect.stringContaining('wasienv setup') });
    expect(end.signal).toBeNull();
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test.each(['unpack', 'check', 'commit'])('as %s begins', async (phase) => {
    const end = await setupInChild(workshop, { onLine: (line, _count, child) => void (line['type'] === 'step-start' && line['phase'] === phase && child.kill('SIGINT')) });
    // The signal may come after the last moment at which stopping makes sense; then the work is whole.
    if (end.outcome?.error === undefined) expect(end.outcome).toMatchObject({ ok: true });
    else {
      expect(end.outcome.error.code).toBe('E_INTERRUPTED');
      expect(await wholeVersion()).toBeNull();
    }
    await workshop.setup();
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('before anything began', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(workshop.setup({}, { signal: controller.signal })).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await wholeVersion()).toBeNull();
  });
});

test('a setup killed after its last step leaves a lock; the next one, with nothing to do, takes it away', async () => {
  await workshop.setup();
  writeFileSync(path.join(workshop.home, 'lock'), JSON.stringify({ ...describeMe('setup'), pid: 2 ** 22 + 1 }));
  const next = await setupInChild(workshop);
  expect(next.outcome).toMatchObject({ ok: true, changed: false });
  expect(await faultsOfHome(workshop.home)).toEqual([]);
});

test('eight setups at once: one installs, seven find it done, one download', async () => {
  const ends = await Promise.all(Array.from({ length: 8 }, () => setupInChild(workshop)));
  expect(ends.map((end) => end.outcome)).toEqual(ends.map(() => expect.objectContaining({ ok: true, version: PACKAGE.two })));
  expect(ends.filter((end) => end.outcome?.changed === true).length).toBe(1);
  expect(registry.requests.length).toBe(1);
  expect(await faultsOfHome(workshop.home)).toEqual([]);
});

test('eight setups of two versions at once: all end well, one version is in use and whole', async () => {
  const ends = await Promise.all(Array.from({ length: 8 }, (_, index) => setupInChild(workshop, { request: { version: index % 2 === 0 ? PACKAGE.one : PACKAGE.two } })));
  expect(ends.map((end) => end.outcome)).toEqual(ends.map(() => expect.objectContaining({ ok: true })));
  expect([PACKAGE.one, PACKAGE.two]).toContain(await wholeVersion());
  expect(await faultsOfHome(workshop.home)).toEqual([]);
});

test('whoever waits is told for whom', async () => {
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
});
