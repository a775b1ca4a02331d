// The lock: who counts as alive, and that never two hold it, also when holders die.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Watch, describeMe, judge, tryAcquire, withLock, type Holder } from '../../src/toolchain/lock.js';

const LOCK_MODULE = path.resolve(import.meta.dirname, '..', '..', 'dist', 'toolchain', 'lock.js');
let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-lock-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const holder = (over: Partial<Holder> = {}): Holder => ({ id: 'h', pid: 100, host: 'here', what: 'setup', since: '2026-01-01', started: '5', space: 'boot1 pid:[1]', ...over });

describe('judge', () => {
  const me = holder({ id: 'me', pid: 200 });
  const running = (table: Record<number, string | null>) => (pid: number) => (pid in table ? table[pid] : undefined);
  test.each<readonly [name: string, other: Partial<Holder>, processes: Record<number, string | null>, verdict: string]>([
    ['a running process', {}, { 100: '5' }, 'alive'],
    ['no such process', {}, {}, 'dead'],
    ['its number given to another process since', {}, { 100: '9' }, 'dead'],
    ['running, but its start is not known', {}, { 100: null }, 'alive'],
    ['running, and the lock does not tell its start', { started: null }, { 100: '5' }, 'alive'],
    ['another machine', { host: 'there' }, {}, 'unknown'],
    ['another machine with the same number running here', { host: 'there' }, { 100: '5' }, 'unknown'],
    ['this machine before it was started again', { space: 'boot0 pid:[1]' }, { 100: '5' }, 'dead'],
    ['another container of this machine', { space: 'boot1 pid:[2]' }, {}, 'unknown'],
    ['a file nobody can read', { pid: 0, host: 'unknown' }, {}, 'unknown'],
    ['ourselves', { pid: 200 }, { 200: '5' }, 'alive'],
  ])('%s: %s', (_name, other, processes, verdict) => {
    expect(judge(holder(other), me, running(processes))).toBe(verdict);
  });
});

test('silence is measured with our own clock, whatever the file says', () => {
  let now = 0;
  const watch = new Watch(1000, () => now);
  expect(watch.isSilent('a', '1')).toBe(false);
  now = 900;
  expect(watch.isSilent('a', '0')).toBe(false); // its clock was set back: still a beat
  now = 1800;
  expect(watch.isSilent('a', '0')).toBe(false);
  now = 1901;
  expect(watch.isSilent('a', '0')).toBe(true);
  expect(watch.isSilent('b', '0')).toBe(false);
});

describe('withLock', () => {
  test('lets one in after the other, names the holder to those who wait, and leaves nothing behind', async () => {
    const order: string[] = [];
    const waits: string[] = [];
    let firstIsIn!: () => void;
    const entered = new Promise<void>((resolve) => (firstIsIn = resolve));
    let letGo!: () => void;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const first = withLock(home, 'setup', async () => {
      order.push('first in');
      firstIsIn();
      await gate;
      order.push('first out');
    });
    await entered;
    const second = withLock(home, 'prove', async () => void order.push('second'), {
      pollMs: 1,
      onWait: (text) => {
        waits.push(text);
        letGo();
      },
    });
    await Promise.all([first, second]);
    expect(order).toEqual(['first in', 'first out', 'second']);
    expect(waits).toEqual([expect.stringMatching(new RegExp(`^process ${process.pid} on .+, setup since \\d{4}-`))]);
    expect(readdirSync(home)).toEqual([]);
  });

  test('is given back when the work fails', async () => {
    await expect(withLock(home, 'setup', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(home)).toEqual([]);
  });

  test('ends waiting with E_LOCKED, which names holder and file', async () => {
    writeFileSync(path.join(home, 'lock'), JSON.stringify(describeMe('setup')));
    await expect(withLock(home, 'setup', async () => undefined, { patienceMs: 20, pollMs: 1 })).rejects.toMatchObject({
      code: 'E_LOCKED',
      where: expect.arrayContaining([['holder', expect.stringContaining(`process ${process.pid}`)], ['lock', path.join(home, 'lock')]]),
    });
  });

  test('ends waiting when the signal comes', async () => {
    writeFileSync(path.join(home, 'lock'), JSON.stringify(describeMe('setup')));
    const controller = new AbortController();
    const waiting = withLock(home, 'setup', async () => undefined, { pollMs: 60_000, signal: controller.signal, onWait: () => setImmediate(() => controller.abort()) });
    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });

  test.each<readonly [name: string, content: () => string]>([
    ['a process that is gone', () => JSON.stringify({ ...describeMe('setup'), pid: 2 ** 22 + 1 })],
    // Only Linux tells when a process started and in which boot.
    ...(process.platform === 'linux'
      ? ([
          ['a number that another process has now', () => JSON.stringify({ ...describeMe('setup'), started: '1' })],
          ['a boot that is over', () => JSON.stringify({ ...describeMe('setup'), space: 'another-boot pid:[1]' })],
        ] as const)
      : []),
  ])('takes over from %s, at once', async (_name, content) => {
    writeFileSync(path.join(home, 'lock'), content());
    // A clock set back years must not matter: the file seems to come from the future.
    utimesSync(path.join(home, 'lock'), new Date('2099-01-01'), new Date('2099-01-01'));
    const waits: string[] = [];
    expect(await withLock(home, 'setup', async () => 'done', { onWait: (text) => waits.push(text) })).toBe('done');
    expect(waits).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each(['', 'not json', '{"pid":"x"}'])('takes over a file that says %j once its heartbeat stands still', async (content) => {
    writeFileSync(path.join(home, 'lock'), content);
    expect(await withLock(home, 'setup', async () => 'done', { pollMs: 1, silenceMs: 20 })).toBe('done');
  });

  test('does not take over from another machine whose heartbeat goes on', async () => {
    const file = path.join(home, 'lock');
    const text = JSON.stringify({ ...describeMe('setup'), host: 'elsewhere' });
    writeFileSync(file, text);
    let beats = 0;
    const heart = setInterval(() => utimesSync(file, ++beats, beats), 1);
    try {
      await expect(withLock(home, 'setup', async () => undefined, { pollMs: 1, silenceMs: 2_000, patienceMs: 100 })).rejects.toMatchObject({ code: 'E_LOCKED' });
      expect(readFileSync(file, 'utf8')).toBe(text);
    } finally {
      clearInterval(heart);
    }
  });

  test('a breaker that died between its two steps stops nobody', async () => {
    const dead = JSON.stringify({ ...describeMe('setup'), pid: 2 ** 22 + 1 });
    writeFileSync(path.join(home, 'lock'), dead);
    writeFileSync(path.join(home, 'lock.break'), JSON.stringify({ ...describeMe('setup'), id: 'x', pid: 2 ** 22 + 2 }));
    expect(await withLock(home, 'setup', async () => 'done')).toBe('done');
    expect(readdirSync(home)).toEqual([]);
  });

  test('a living breaker is waited for', () => {
    writeFileSync(path.join(home, 'lock'), JSON.stringify({ ...describeMe('setup'), id: 'dead', pid: 2 ** 22 + 1 }));
    writeFileSync(path.join(home, 'lock.break'), JSON.stringify({ ...describeMe('setup'), id: 'breaker' }));
    expect(tryAcquire(path.join(home, 'lock'), describeMe('setup'), new Watch(1000))).toMatchObject({ id: 'dead' });
    expect(existsSync(path.join(home, 'lock'))).toBe(true);
  });

  test('a home that cannot be made is named', async () => {
    writeFileSync(path.join(home, 'file'), '');
    await expect(withLock(path.join(home, 'file', 'home'), 'setup', async () => undefined)).rejects.toMatchObject({ code: 'E_HOME_UNWRITABLE', next: expect.stringContaining('WASIENV_HOME') });
  });
});

test('eight processes, killed at random while they hold it, are never two inside', async () => {
  // Each child takes the lock, writes its id into `inside` with O_EXCL, removes it, gives the lock back, and again.
  // A child that finds the file of a living one says so. The parent kills holders; whoever comes next must get in.
  const script = `
    import { writeFileSync, readFileSync, rmSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(LOCK_MODULE)};
    const inside = ${JSON.stringify(path.join(home, 'inside'))};
    const alive = (pid) => { try { process.kill(pid, 0); return !/^\\d+ \\(.*\\) Z/.test(readFileSync('/proc/' + pid + '/stat', 'latin1')); } catch { return false; } };
    for (let round = 0; round < 12; round++) {
      await withLock(${JSON.stringify(home)}, 'test', async () => {
        for (;;) {
          try { writeFileSync(inside, String(process.pid), { flag: 'wx' }); break; }
          catch { const other = Number(readFileSync(inside, 'utf8')); if (other && alive(other)) { console.log('TWO INSIDE'); process.exit(3); } rmSync(inside, { force: true }); }
        }
        console.log('in');
        await new Promise((resolve) => setImmediate(resolve));
        rmSync(inside, { force: true });
      }, { pollMs: 1 });
    }`;
  writeFileSync(path.join(home, 'child.mjs'), script);
  let kills = 0;
  const run = (index: number): Promise<number | NodeJS.Signals | null> =>
    new Promise((resolve, reject) => {
      const child: ChildProcess = spawn(process.execPath, [path.join(home, 'child.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
      let entries = 0;
      child.stdout!.on('data', (data: Buffer) => {
        if (data.includes('TWO INSIDE')) reject(new Error('two were inside at once'));
        entries += 1;
        if (index % 2 === 0 && entries === 2 + index) {
          kills += 1;
          child.kill('SIGKILL');
        }
      });
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ?? code));
    });
  const ends = await Promise.all(Array.from({ length: 8 }, (_, index) => run(index)));
  expect(ends.filter((end) => end === 0).length).toBeGreaterThanOrEqual(4);
  expect(ends.every((end) => end === 0 || end === 'SIGKILL')).toBe(true);
  expect(kills).toBeGreaterThan(0);
  expect(await withLock(home, 'test', async () => 'free')).toBe('free');
});
