// Decisions of setup, as a table: what is there and what is asked -> steps.
import { describe, expect, test } from 'vitest';
import { withoutRegistry } from '../../src/toolchain/choose.js';
import { makePlan, type Choice, type Held, type PlanFacts } from '../../src/toolchain/plan.js';
import { WasienvError } from '../../src/base/errors.js';
import { resolveComponent } from '../../src/toolchain/resolve.js';
import { parseManifest } from '../../src/toolchain/manifest.js';
import { adoptedId } from '../../src/toolchain/home.js';
import { idOf, type Current } from '../../src/toolchain/receipt.js';
import type { FileDamage, PackageSet, Receipt, ResolvedComponent, SetupRequest } from '../../src/toolchain/types.js';
import { PACKAGES, manifest, release } from '../support/workshop.js';

const parsed = parseManifest(JSON.stringify(manifest([...PACKAGES].map(([name, archive]) => release(name.slice(6, -4), archive)))), 'test.json');
const HOST = { platform: 'linux', arch: 'x64' } as const;
const resolved = (version: string) => resolveComponent(parsed, version, 'npm', HOST);

function receipt(version: string, over: Partial<Receipt> = {}): Receipt {
  const { release: row } = resolved(version);
  return {
    schema: 1, component: 'portable-clang', version, source: 'npm', clangVersion: row.clangVersion, artifact: { ...row.artifact, resolvedUrl: 'http://r/x' },
    digest: row.artifact.integrity!, directory: '/home/components/portable-clang/x', layout: row.layout, files: [], keyFiles: [], adopted: false,
    wasienvVersion: '0', installedAt: '2026-01-01T00:00:00.000Z', timings: {}, ...over,
  };
}
const adopted = (clangVersion: string) => receipt('1.0.0', {
  component: 'system-clang', source: 'system', version: clangVersion, clangVersion, artifact: null, adopted: true,
  layout: { ...resolved('1.0.0').release.layout, programs: { kind: 'native', tools: { clang: '/usr/bin/clang' } } },
});
const missing: FileDamage = { path: 'usr/include/stdio.h', kind: 'missing', text: 'is missing' };
const clang = { clang: '/usr/bin/clang', clangVersion: '19.1.7', text: 'clang 19.1.7 in /usr/bin' };

interface Home {
  readonly held?: readonly Held[];
  readonly current?: string;
  readonly parts?: Current['parts'];
  readonly unreadable?: readonly string[];
  readonly request?: Partial<SetupRequest>;
}

function plan(choices: Choice | readonly Choice[], { held = [], current, parts = {}, unreadable = [], request = {} }: Home = {}) {
  const facts: PlanFacts = {
    home: '/home', choices: [choices].flat(), held: new Map(held.map((each) => [idOf(each.receipt), each])), unreadable: new Set(unreadable),
    current: { ...(current === undefined ? {} : { compiler: current }), parts }, request: { source: 'auto', refetch: false, ...request },
  };
  return makePlan(facts).steps.map((step) => `${step.kind} ${step.component} ${step.version}${'replaces' in step ? ` replacing ${step.replaces}` : ''}: ${step.why}`);
}

const download = (version: string): Choice => ({ kind: 'download', component: resolved(version), source: 'npm', reason: 'because' });
const adopt: Choice = { kind: 'adopt', clang, reason: 'because' };
const ONE = idOf(receipt('1.0.0'));
const CLANG = adoptedId('system-clang', '/usr/bin/clang');
const held = (what: Receipt, ...damage: FileDamage[]): Held => ({ receipt: what, damage });

describe('makePlan', () => {
  test.each<readonly [name: string, steps: string[], expected: string[]]>([
    ['nothing there', plan(download('1.0.0')), ['install portable-clang 1.0.0: it is not installed']],
    ['the same there', plan(download('1.0.0'), { held: [held(receipt('1.0.0'))], current: ONE }), ['keep portable-clang 1.0.0: it is installed and its files are as the receipt says']],
    ['another version there', plan(download('2.0.0'), { held: [held(receipt('1.0.0'))], current: ONE }), ['install portable-clang 2.0.0: version 1.0.0 is installed, 2.0.0 is wanted']],
    ['a file gone', plan(download('1.0.0'), { held: [held(receipt('1.0.0'), missing)], current: ONE }), ['install portable-clang 1.0.0 replacing 1.0.0: repair: usr/include/stdio.h is missing']],
    ['many files gone', plan(download('1.0.0'), { held: [held(receipt('1.0.0'), missing, missing)], current: ONE }), ['install portable-clang 1.0.0 replacing 1.0.0: repair: 2 files are not as installed (usr/include/stdio.h is missing)']],
    ['asked to fetch again', plan(download('1.0.0'), { held: [held(receipt('1.0.0'))], current: ONE, request: { refetch: true } }), ['install portable-clang 1.0.0 replacing 1.0.0: asked to fetch it again']],
    ['a receipt nobody can read', plan(download('1.0.0'), { unreadable: [ONE] }), ['install portable-clang 1.0.0: its receipt cannot be read']],
    ['there, but another is in use', plan(download('1.0.0'), { held: [held(receipt('1.0.0')), held(adopted('19.1.7'))], current: CLANG }), ['keep portable-clang 1.0.0: it is installed and its files are as the receipt says', 'use portable-clang 1.0.0: system-clang 19.1.7 is in use now']],
    ['there, but none is marked', plan(download('1.0.0'), { held: [held(receipt('1.0.0'))] }), ['keep portable-clang 1.0.0: it is installed and its files are as the receipt says', 'use portable-clang 1.0.0: no toolchain is marked as the one in use']],
    ['adopt', plan(adopt), ['adopt system-clang 19.1.7: it is not adopted yet']],
    ['adopted already', plan(adopt, { held: [held(adopted('19.1.7'))], current: CLANG }), ['keep system-clang 19.1.7: it is installed and its files are as the receipt says']],
    ['the adopted clang was upgraded', plan(adopt, { held: [held(adopted('18.1.0'))], current: CLANG }), ['adopt system-clang 19.1.7: clang 18.1.0 was adopted, 19.1.7 is there now']],
    ['the adopted clang changed under us', plan(adopt, { held: [held(adopted('19.1.7'), { ...missing, path: '/usr/bin/wasm-ld' })], current: CLANG }), ['adopt system-clang 19.1.7: it changed since it was adopted: repair: /usr/bin/wasm-ld is missing']],
    ['stay', plan({ kind: 'stay', id: CLANG, reason: 'r' }, { held: [held(adopted('19.1.7'))], current: CLANG }), ['keep system-clang 19.1.7: it is installed and its files are as the receipt says']],
  ])('%s', (_name, steps, expected) => expect(steps).toEqual(expected));
});

/** What is used from then on, step by step. */
function uses(choices: readonly Choice[], home: Home = {}): readonly (readonly [component: string, use: boolean | 'kept'])[] {
  const { held: there = [], current, parts = {}, request = {} } = home;
  const { steps } = makePlan({
    home: '/home', choices, held: new Map(there.map((each) => [idOf(each.receipt), each])), unreadable: new Set(),
    current: { ...(current === undefined ? {} : { compiler: current }), parts }, request: { source: 'auto', refetch: false, ...request },
  });
  return steps.map((step) => [step.component, step.kind === 'keep' ? 'kept' : step.kind === 'use' ? true : step.use] as const);
}

describe('which of a plan is used', () => {
  const of = (name: ResolvedComponent['name'], version = '1.0.0'): Choice => ({ kind: 'download', component: { name, release: resolved(version).release }, source: 'upstream', reason: 'because' });
  const set = (component: PackageSet['component']): PackageSet => ({ component, version: '16.0.6', llvmMajor: 16, packages: [], digest: `sha256-${Buffer.alloc(32).toString('base64')}` });
  const overlaid: Choice = { kind: 'adopt', clang, overlay: { sysroot: 'a', builtins: 'a' }, reason: 'the clang' };

  test('a part named after a compiler is used as well; of two compilers only the first', () => {
    expect(uses([of('wasi-sdk'), of('wasi-sysroot'), of('builtins')])).toEqual([['wasi-sdk', true], ['wasi-sysroot', true], ['builtins', true]]);
    expect(uses([of('wasi-sysroot'), of('wasi-sdk'), of('portable-clang')])).toEqual([['wasi-sysroot', true], ['wasi-sdk', true], ['portable-clang', false]]);
  });

  test('packages: a clang and a Rust beside it', () => {
    const packages = (component: PackageSet['component']): Choice => ({ kind: 'packages', set: set(component), source: 'apt', reason: 'because' });
    expect(uses([packages('apt-clang'), packages('apt-rust')])).toEqual([['apt-clang', true], ['apt-rust', true]]);
    expect(uses([packages('apt-rust'), packages('apt-clang')])).toEqual([['apt-rust', true], ['apt-clang', true]]);
  });

  test('what is only laid beside a clang is not, be it a compiler itself; there already, it is left where it is', () => {
    const part: Choice = { ...(of('portable-clang') as Extract<Choice, { kind: 'download' }>), asPart: true };
    expect(uses([part, overlaid])).toEqual([['portable-clang', false], ['system-clang', true]]);
    expect(uses([part, overlaid], { held: [held(receipt('1.0.0'))] })).toEqual([['portable-clang', 'kept'], ['system-clang', true]]);
    expect(uses([{ kind: 'packages', set: set('wasi-sysroot'), source: 'apt', reason: '', asPart: true }, overlaid])).toEqual([['wasi-sysroot', false], ['system-clang', true]]);
    // Laid beside it already: what it came from may have been pruned.
    const laid = held({ ...adopted('19.1.7'), overlay: { sysroot: 'a', builtins: 'a' } });
    expect(uses([part, overlaid], { held: [laid], current: CLANG })).toEqual([['system-clang', 'kept']]);
    expect(uses([part, overlaid], { held: [{ ...laid, damage: [missing] }], current: CLANG })).toEqual([['portable-clang', false], ['system-clang', true]]);
    const whole = makePlan({ home: '/home', choices: [part, overlaid], held: new Map(), unreadable: new Set(), current: { parts: {} }, request: { source: 'auto', refetch: false } });
    expect(whole).toMatchObject({ source: 'system', reason: 'the clang' });
  });

  test('a project leaves the choice of the home alone', () => {
    expect(uses([of('wasi-sdk')], { held: [held(receipt('1.0.0'))], current: ONE, request: { keepChoice: true } })).toEqual([['wasi-sdk', false]]);
    expect(uses([of('wasi-sdk')], { request: { keepChoice: true } })).toEqual([['wasi-sdk', true]]);
  });
});

describe('withoutRegistry', () => {
  const reached = new WasienvError('E_NETWORK', 'the server refuses connections', { where: [['from', 'http://r/']], next: 'check the network' });

  test("takes the machine's clang and says both things", () => {
    expect(withoutRegistry(reached, clang)).toEqual({ kind: 'adopt', clang, reason: "the npm registry cannot be used (E_NETWORK: the server refuses connections), so the system's own: clang 19.1.7 in /usr/bin" });
  });

  test("without a clang the registry's error stands, with what the system lacks", () => {
    expect(() => withoutRegistry(reached, new WasienvError('E_NO_WASM_LD', 'no wasm-ld for clang 19'))).toThrowError(
      expect.objectContaining({ code: 'E_NETWORK', next: 'check the network', where: [['from', 'http://r/'], ['system', 'no wasm-ld for clang 19 (E_NO_WASM_LD)']] }),
    );
  });
});

describe('resolveComponent', () => {
  test.each([
    [undefined, '2.0.0'],
    ['stable', '2.0.0'],
    ['1.0.0', '1.0.0'],
    ['^1', '1.0.0'],
    ['>=1', '2.0.0'],
  ])('%s is %s', (wanted, expected) => expect(resolveComponent(parsed, wanted, 'npm', HOST).release.version).toBe(expected));

  test.each(['3.0.0', '^3', 'nightly', ''])('%j is unknown, and the known ones are named', (wanted) => {
    expect(() => resolveComponent(parsed, wanted, 'npm', HOST)).toThrowError(expect.objectContaining({ code: 'E_UNKNOWN_VERSION', where: [['known', 'stable, 1.0.0, 2.0.0']] }));
  });

  test('a release for other hosts is not offered', () => {
    const other = parseManifest(JSON.stringify(manifest([release('1.0.0', Buffer.from('x'), { hosts: ['win32-arm64'] })])), 'test.json');
    expect(() => resolveComponent(other, undefined, 'npm', HOST)).toThrowError(expect.objectContaining({ code: 'E_UNKNOWN_VERSION' }));
    expect(resolveComponent(other, undefined, 'npm', { platform: 'win32', arch: 'arm64' }).release.version).toBe('1.0.0');
  });
});
