// Downloads that break off and go on: in the next attempt, in the next setup, after a kill. Whatever a server makes of
// Range, and whatever became of the kept part meanwhile, the end is the right bytes or E_DIGEST, never a mix.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WasienvError } from '../../src/base/errors.js';
import { Pace, download, pauseBefore, type DownloadRequest } from '../../src/toolchain/download.js';
import { homeTree } from '../../src/toolchain/home.js';
import { runPlan, type SetupEvent } from '../../src/toolchain/index.js';
import { parseContentRange, readPart, validatorOf } from '../../src/toolchain/part.js';
import { setupInChild } from '../support/child.js';
import type { Fault } from '../support/fault-list.js';
import { expectNextSetupWell, ordeal, trial, trials } from '../support/faults.js';
import { noise, Random } from '../support/random.js';
import { startRegistry, type Cut, type Registry } from '../support/registry.js';
import { PACKAGE, PACKAGES, SHORT_PATIENCE, faultsOfHome, makeWorkshop, release, versionInUse, type Workshop } from '../support/workshop.js';

const RESETS = trials(25, 100);
const BIG = noise(3 << 20, 77);
const OTHER = noise(3 << 20, 78);
const integrityOf = (bytes: Uint8Array): string => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry(new Map([...PACKAGES, ['big', BIG]]));
});
afterAll(() => registry.close());

describe('one download', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'wasienv-resume-'));
    file = path.join(directory, 'part');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const plainHop = { headers: {}, proxy: null, ca: null, cert: null, key: null, strictTls: true, trust: 'nobody' };
  const fetchBig = (over: Partial<DownloadRequest> = {}): ReturnType<typeof download> =>
    download({
      subject: 'big', route: { url: `${registry.url}big`, hop: () => plainHop, registry: false }, file, sizeBytes: BIG.byteLength, integrity: integrityOf(BIG),
      limits: { attempts: 3, backoffMs: 0, stallMs: 5_000 }, ...over,
    });
  const ranges = (): (string | undefined)[] => registry.requests.map(({ headers }) => headers.range);

  test(`reset at random bytes, a dozen times in each of ${RESETS} downloads: the right bytes, and few of them twice`, async () => {
    const random = new Random(20260301);
    for (let round = 0; round < RESETS; round += 1) await trial('reset at random bytes', async () => {
      rmSync(file, { force: true });
      registry.fault = { kind: 'cut', by: round % 2 === 0 ? 'reset' : 'close', after: Array.from({ length: 12 }, () => random.below(800 << 10)) };
      const got = await fetchBig({ limits: { attempts: 13, backoffMs: 0 } });
      expect([got.integrity, got.sizeBytes]).toEqual([integrityOf(BIG), BIG.byteLength]);
      expect(readFileSync(file).equals(BIG)).toBe(true);
      const starts = ranges().map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')![1]));
      expect(starts[0]).toBe(0);
      expect(starts.length).toBeGreaterThan(2);
      expect([...starts].sort((a, b) => a - b)).toEqual(starts);
    });
  });

  test('more breaks than attempts do no harm, as long as each attempt gets further', async () => {
    registry.fault = { kind: 'cut', after: [600 << 10, 600 << 10, 600 << 10, 600 << 10] };
    expect((await fetchBig({ limits: { attempts: 2, backoffMs: 0 } })).integrity).toBe(integrityOf(BIG));
    expect(registry.requests.length).toBeGreaterThan(4);
  });

  test('reset again and again at the same place ends, with what came kept', async () => {
    registry.fault = { kind: 'cut', after: [1 << 20, 0, 0, 0, 0, 0] };
    const error = await fetchBig().then(() => expect.unreachable(), (caught: unknown) => caught as WasienvError);
    expect(['E_NETWORK', 'E_TRUNCATED']).toContain(error.code);
    expect(registry.requests.length).toBe(3);
    expect(readPart(file)?.sizeBytes).toBeGreaterThan(512 << 10);
    expect(readFileSync(file).equals(BIG.subarray(0, readPart(file)!.sizeBytes))).toBe(true);
  });

  test.each<readonly [ranges: NonNullable<Cut['ranges']>, requests: number]>([
    ['honoured', 2],
    ['blind', 2],
    ['ignored', 2],
    ['shifted', 3],
    ['unnamed', 3],
    ['refused', 3],
    ['all', 3],
  ])('a server whose Range is %s', async (how, requests) => {
    registry.fault = { kind: 'cut', after: [1 << 20], ranges: how };
    expect((await fetchBig()).integrity).toBe(integrityOf(BIG));
    expect(readFileSync(file).equals(BIG)).toBe(true);
    expect(registry.requests.length).toBe(requests);
  });

  test.each<readonly [name: string, first: Uint8Array, then: Uint8Array, ranges: NonNullable<Cut['ranges']>, right: boolean]>([
    ['to another one, If-Range obeyed', BIG, OTHER, 'honoured', false],
    ['to another one, If-Range not obeyed', BIG, OTHER, 'blind', false],
    ['to the right one, If-Range obeyed', OTHER, BIG, 'honoured', true],
    ['to the right one, If-Range not obeyed', OTHER, BIG, 'blind', true],
    ['to a shorter one', BIG, OTHER.subarray(0, 2 << 20), 'honoured', false],
    ['to a shorter one, If-Range not obeyed', BIG, OTHER.subarray(0, 2 << 20), 'blind', false],
    ['to a longer one, If-Range not obeyed', BIG, Buffer.concat([OTHER, OTHER]), 'blind', false],
  ])('a file that changed between two ranges: %s', async (_name, first, then, how, right) => {
    registry.files = new Map([['big', first]]);
    try {
      registry.fault = { kind: 'cut', after: [1 << 20], ranges: how, changed: then };
      const outcome = await fetchBig().then(({ integrity }) => integrity, ({ code }: WasienvError) => code);
      // A whole file with another digest is for the caller to judge.
      if (right) expect(outcome).toBe(integrityOf(BIG));
      else expect(['E_DIGEST', integrityOf(OTHER)]).toContain(outcome);
    } finally {
      registry.files = new Map([...PACKAGES, ['big', BIG]]);
    }
  });

  test.each<readonly [name: string, validators: Readonly<Record<string, string>>, continued: boolean]>([
    ['a weak entity tag', { etag: 'W/"1"' }, false],
    ['no validator', { server: 'plain' }, false],
    ['a date long past', { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }, true],
  ])('with %s', async (_name, validators, continued) => {
    registry.fault = { kind: 'cut', after: [1 << 20], validators };
    expect((await fetchBig()).integrity).toBe(integrityOf(BIG));
    expect(ranges()[1] !== undefined).toBe(continued);
  });

  test('a token goes to its own host on every leg, and is not sent on by a redirect', async () => {
    const other = await startRegistry(new Map([['big', BIG]]));
    try {
      const hop = (url: URL): DownloadRequest['route'] extends { hop(url: URL): infer H } ? H : never => ({ ...plainHop, headers: url.host === registry.host ? { authorization: 'Bearer secret' } : {} });
      registry.fault = { kind: 'redirect', to: `${other.url}big` };
      other.fault = { kind: 'cut', after: [1 << 20, 1 << 20] };
      await fetchBig({ route: { url: `${registry.url}big`, hop, registry: false } });
      expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret', 'Bearer secret']);
      expect(other.requests.map(({ headers }) => [headers.authorization, headers.range !== undefined])).toEqual([[undefined, false], [undefined, true], [undefined, true]]);
    } finally {
      await other.close();
    }
  });

  test('a kept part that was changed on the disk is found out and fetched again', () => trial('a kept part changed on the disk', async () => {
    registry.fault = { kind: 'cut', after: [1 << 20, 0, 0] };
    await fetchBig().catch(() => undefined);
    const bytes = readFileSync(file);
    bytes[1000]! ^= 1;
    writeFileSync(file, bytes);
    registry.fault = { kind: 'cut', after: [] };
    expect((await fetchBig()).integrity).toBe(integrityOf(BIG));
    expect(ranges().map((range) => range !== undefined)).toEqual([true, false]);
  }));

  test.each<readonly [name: string, note: string]>([
    ['no JSON', 'half a no'],
    ['null', 'null'],
    ['a validator that would be a second header', '{"validator":"\\"a\\"\\r\\nx-evil: 1","url":""}'],
  ])('a note that is %s', async (_name, note) => {
    registry.fault = { kind: 'cut', after: [1 << 20, 0, 0] };
    await fetchBig().catch(() => undefined);
    writeFileSync(`${file}.json`, note);
    registry.fault = { kind: 'cut', after: [] };
    expect((await fetchBig()).integrity).toBe(integrityOf(BIG));
    expect(ranges()).toEqual([undefined]);
  });

  test('a part that is longer than the file is not gone on with', async () => {
    writeFileSync(file, Buffer.concat([BIG, BIG]));
    writeFileSync(`${file}.json`, '{"validator":"\\"a\\"","url":""}');
    registry.fault = { kind: 'cut', after: [] };
    expect((await fetchBig()).integrity).toBe(integrityOf(BIG));
    expect(readFileSync(file).byteLength).toBe(BIG.byteLength);
  });

  test('a whole file of wrong bytes is found out without asking anybody to continue it', async () => {
    writeFileSync(file, OTHER);
    writeFileSync(`${file}.json`, '{"validator":"\\"a\\"","url":""}');
    registry.fault = { kind: 'cut', after: [] };
    expect((await fetchBig()).integrity).toBe(integrityOf(BIG));
    expect(ranges()).toEqual([undefined]);
  });

  test('Retry-After is waited for, when it is bearable; pauses grow, and are not the same for everybody', async () => {
    const pauses: number[] = [];
    const pause = async (ms: number): Promise<void> => void pauses.push(ms);
    registry.fault = { kind: 'status', status: 503, times: 1, headers: { 'retry-after': '7' } };
    await fetchBig({ pause, limits: { attempts: 5, backoffMs: 500, longestPauseMs: 30_000 } });
    expect(pauses).toEqual([7000]);
    pauses.length = 0;
    rmSync(file);
    registry.fault = { kind: 'status', status: 503 };
    const draws = [0, 0.5, 0.9, 0.25];
    await expect(fetchBig({ pause, random: () => draws[pauses.length]!, limits: { attempts: 5, backoffMs: 500, longestPauseMs: 30_000 } })).rejects.toMatchObject({ code: 'E_HTTP' });
    expect(pauses).toEqual([500, 750, 1100, 3500]);
  });

  test('a byte now and then is a stall', async () => {
    registry.fault = { kind: 'trickle' };
    await expect(fetchBig({ limits: { attempts: 1, stallMs: 300, stallBytes: 1000 } })).rejects.toMatchObject({ code: 'E_STALLED' });
  });
});

describe('setup', () => {
  let workshop: Workshop;
  beforeEach(async () => {
    registry.fault = { kind: 'ok' };
    workshop = makeWorkshop(registry.url);
    await workshop.setup({ version: PACKAGE.one });
  });
  afterEach(() => workshop.remove());

  const wanted = PACKAGES.get('clang-2.0.0.tgz')!;
  const part = (): string => path.join(homeTree.downloadsDir(workshop.home), `${createHash('sha512').update(wanted).digest('hex')}.part`);
  const breakOff = async (): Promise<void> => {
    registry.fault = { kind: 'cut', after: [200_000, 0, 0] };
    await expect(workshop.setup({ version: PACKAGE.two })).rejects.toMatchObject({ code: expect.stringMatching(/E_NETWORK|E_TRUNCATED/) });
    expect(readPart(part())?.sizeBytes).toBeGreaterThan(50_000);
    registry.fault = { kind: 'cut', after: [] };
  };
  const askedFrom = (): number[] => registry.requests.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? 'bytes=0-')![1]));

  test('goes on with what the one before left, and leaves nothing', async () => {
    await breakOff();
    const kept = readPart(part())!.sizeBytes;
    await workshop.setup({ version: PACKAGE.two });
    expect(askedFrom()).toEqual([kept]);
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
    expect(readdirSync(homeTree.downloadsDir(workshop.home))).toEqual([]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test.each<readonly [fault: Fault, ranges: NonNullable<Cut['ranges']>]>([
    ['a server that ignores Range', 'ignored'],
    ['a server that answers Range wrongly', 'shifted'],
    ['a server that answers Range wrongly', 'unnamed'],
    ['a server that answers Range wrongly', 'refused'],
    ['a server that answers Range wrongly', 'all'],
  ])('goes on, or begins anew, with %s: %s', (fault, how) => trial(fault, async () => {
    const outside = workshop.outside();
    await breakOff();
    registry.fault = { kind: 'cut', after: [], ranges: how };
    await expectNextSetupWell(workshop);
    expect(workshop.outside()).toEqual(outside);
  }));

  test.each<readonly [name: string, ranges: NonNullable<Cut['ranges']>, bytes: () => Uint8Array]>([
    ['another file of that length, If-Range obeyed', 'honoured', () => Buffer.from(wanted).fill(7, 1000)],
    ['another file of that length, If-Range not obeyed', 'blind', () => Buffer.from(wanted).fill(7, 1000)],
    ['a shorter file', 'blind', () => wanted.subarray(0, -5000)],
    ['a longer file', 'blind', () => Buffer.concat([wanted, wanted])],
  ])('does not take a file changed between two ranges: %s', async (_name, ranges, bytes) => {
    const error = await ordeal('a file changed between two ranges', workshop, async () => {
      await breakOff();
      registry.files = new Map([...PACKAGES, ['clang-2.0.0.tgz', bytes()]]);
      registry.fault = { kind: 'cut', after: [], ranges };
      return workshop.setup({ version: PACKAGE.two });
    }, () => {
      registry.files = new Map([...PACKAGES, ['big', BIG]]);
      registry.fault = { kind: 'ok' };
    });
    expect(error.code).toBe('E_DIGEST');
  });

  test('does not use a kept part changed on the disk', () => trial('a kept part changed on the disk', async () => {
    await breakOff();
    const bytes = readFileSync(part());
    bytes[1000]! ^= 1;
    writeFileSync(part(), bytes);
    await expectNextSetupWell(workshop);
  }));

  test('goes on after kill -9 in the middle of a download', async () => {
    registry.fault = { kind: 'stall' };
    const end = await setupInChild(workshop, { request: { version: PACKAGE.two }, onLine: (line, _count, child) => void (line['type'] === 'progress' && child.kill('SIGKILL')) });
    expect(end.signal).toBe('SIGKILL');
    expect(existsSync(part())).toBe(true);
    registry.fault = { kind: 'cut', after: [] };
    await workshop.setup({ version: PACKAGE.two });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('needs no server when all had come before the kill', async () => {
    registry.fault = { kind: 'cut', after: [] };
    const end = await setupInChild(workshop, { request: { version: PACKAGE.two }, onLine: (line, _count, child) => void (line['type'] === 'step-start' && line['phase'] === 'unpack' && child.kill('SIGKILL')) });
    expect(end.signal).toBe('SIGKILL');
    registry.fault = { kind: 'status', status: 500 };
    await workshop.setup({ version: PACKAGE.two });
    expect(registry.requests).toEqual([]);
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  });

  test('with --refetch of what is installed begins anew', async () => {
    await workshop.setup({ version: PACKAGE.two });
    registry.fault = { kind: 'cut', after: [200_000, 0, 0] };
    await expect(workshop.setup({ version: PACKAGE.two, refetch: true })).rejects.toMatchObject({ code: expect.stringMatching(/E_NETWORK|E_TRUNCATED/) });
    registry.fault = { kind: 'cut', after: [] };
    await workshop.setup({ version: PACKAGE.two, refetch: true });
    expect(askedFrom()).toEqual([0]);
  });

  test('throws away what is older than a week, or from the future, also when there is nothing to do', async () => {
    for (const days of [-8, 8]) {
      await breakOff();
      const then = Date.now() / 1000 + days * 24 * 3600;
      utimesSync(part(), then, then);
      await workshop.setup({ version: PACKAGE.one });
      expect(readdirSync(homeTree.downloadsDir(workshop.home))).toEqual([]);
    }
    await breakOff();
    await workshop.setup({ version: PACKAGE.one });
    expect(readdirSync(homeTree.downloadsDir(workshop.home)).length).toBe(2);
  });

  test('keeps nothing of a file with the wrong digest', async () => {
    registry.fault = { kind: 'wrong-bytes' };
    await expect(workshop.setup({ version: PACKAGE.two })).rejects.toMatchObject({ code: 'E_DIGEST' });
    expect(readdirSync(homeTree.downloadsDir(workshop.home))).toEqual([]);
  });

  test('keeps nothing of an archive that was refused', async () => {
    workshop.manifests([release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!), release(PACKAGE.two, wanted, { expects: ['no/such/file'] })]);
    registry.fault = { kind: 'ok' };
    await expect(workshop.setup({ version: PACKAGE.two })).rejects.toMatchObject({ code: 'E_ARCHIVE' });
    expect(readdirSync(homeTree.downloadsDir(workshop.home))).toEqual([]);
  });
});

describe('a plan with several downloads', () => {
  let workshop: Workshop;
  beforeEach(() => {
    registry.fault = { kind: 'ok' };
    workshop = makeWorkshop(registry.url);
  });
  afterEach(() => workshop.remove());

  /** What was told, and how many downloads were under way at one time. */
  const run = async (versions: readonly string[]): Promise<{ readonly told: readonly string[]; readonly mostAtOnce: number }> => {
    const plans = await Promise.all(versions.map((version) => workshop.plan({ version })));
    const told: string[] = [];
    let atOnce = 0;
    let mostAtOnce = 0;
    const emit = (event: SetupEvent): void => {
      if (event.type !== 'step-start' && event.type !== 'step-end') return;
      told.push(`${event.type} ${event.phase}`);
      if (event.phase === 'download') atOnce += event.type === 'step-start' ? 1 : -1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
    };
    const context = { home: workshop.home, env: workshop.env, cwd: workshop.cwd, platform: process.platform, now: Date.now, transfer: SHORT_PATIENCE };
    await runPlan({ ...plans[0]!, steps: plans.flatMap(({ steps }) => steps) }, { ...context, emit });
    return { told, mostAtOnce };
  };

  test('fetches two at a time', async () => {
    registry.fault = { kind: 'gate', open: 2 };
    const { told } = await run([PACKAGE.one, PACKAGE.two]);
    expect(told.slice(0, 2)).toEqual(['step-start download', 'step-start download']);
    expect(registry.requests.length).toBe(2);
    expect(readdirSync(homeTree.downloadsDir(workshop.home))).toEqual([]);
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  });

  test('and no more than two', async () => {
    const third = PACKAGES.get('clang-2.0.0.tgz')!;
    registry.files = new Map([...PACKAGES, ['clang-3.0.0.tgz', gzipSync(gunzipSync(third))]]);
    workshop.manifests([release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!), release(PACKAGE.two, third), release('3.0.0', registry.files.get('clang-3.0.0.tgz')!)]);
    try {
      // Neither of the first two is answered before both have asked: a third would have begun by then.
      registry.fault = { kind: 'gate', open: 2 };
      expect((await run([PACKAGE.one, PACKAGE.two, '3.0.0'])).mostAtOnce).toBe(2);
      expect(registry.requests.length).toBe(3);
    } finally {
      registry.files = new Map([...PACKAGES, ['big', BIG]]);
    }
  });

  test('what one archive gives twice is fetched once', async () => {
    registry.fault = { kind: 'ok' };
    await run([PACKAGE.two, PACKAGE.two]);
    expect(registry.requests.length).toBe(1);
    expect(readdirSync(homeTree.downloadsDir(workshop.home))).toEqual([]);
  });

  test('when the first cannot be had, the second is stopped and its lock is not left behind', async () => {
    registry.files = new Map([['clang-2.0.0.tgz', PACKAGES.get('clang-2.0.0.tgz')!]]);
    try {
      await expect(run([PACKAGE.one, PACKAGE.two])).rejects.toMatchObject({ code: 'E_HTTP' });
      expect(readdirSync(workshop.home)).not.toContain('lock');
    } finally {
      registry.files = new Map([...PACKAGES, ['big', BIG]]);
    }
    await run([PACKAGE.one, PACKAGE.two]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });
});

describe('rules', () => {
  test.each<readonly [etag: string | null, lastModified: string | null, date: string | null, validator: string | null]>([
    ['"a"', null, null, '"a"'],
    ['"a"', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:01:00 GMT', '"a"'],
    ['W/"a"', null, null, null],
    ['W/"a"', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:01:00 GMT', null],
    ['a', null, null, null],
    ['"a"b"', null, null, null],
    [null, 'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:01:00 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    [null, 'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT', null],
    [null, 'Thu, 01 Jan 2026 00:00:00 GMT', null, null],
    [null, 'yesterday', 'Thu, 01 Jan 2026 00:00:00 GMT', null],
    [null, null, null, null],
  ])('the validator of etag %s, last-modified %s, date %s', (etag, lastModified, date, validator) => expect(validatorOf({ etag, lastModified, date })).toBe(validator));

  test.each([
    ['bytes 0-9/10', { first: 0, last: 9, totalBytes: 10 }],
    ['bytes 5-9/*', { first: 5, last: 9, totalBytes: null }],
    ['bytes 5-4/10', null],
    ['bytes 5-10/10', null],
    ['bytes */10', null],
    ['items 0-9/10', null],
    ['bytes 0-9/99999999999999999', null],
    ['', null],
    [null, null],
  ])('Content-Range %j', (text, expected) => expect(parseContentRange(text)).toEqual(expected));

  test.each<readonly [count: number, askedMs: number, draw: number, pauseMs: number | null]>([
    [1, 0, 0, 500],
    [1, 0, 0.999, 250],
    [3, 0, 0, 2000],
    [9, 0, 0, 30_000],
    [1, 20_000, 0, 20_000],
    [1, 30_000, 0, 30_000],
    [1, 30_001, 0, null],
  ])('the pause after attempt %i when the server asks for %i ms', (count, askedMs, draw, pauseMs) => {
    const pause = pauseBefore(count, askedMs, { backoffMs: 500, longestPauseMs: 30_000 }, () => draw);
    expect(pause === null ? null : Math.round(pause)).toBe(pauseMs);
  });

  test('the pace of a server, told by the clock that is handed in', () => {
    const pace = new Pace({ stallMs: 30_000, stallBytes: 4096 }, 0);
    expect(pace.isStall(1, 29_999)).toBe(false);
    expect(pace.isStall(4095, 30_000)).toBe(false);
    expect(pace.isStall(100, 59_999)).toBe(false);
    expect(pace.isStall(100, 60_000)).toBe(true);
  });
});
