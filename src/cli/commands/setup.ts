// wasienv setup: plan, carry out, prove. Draws what happens; decides nothing about it.
import path from 'node:path';
import { defineCommand } from '../command.js';
import { JSON_EVENTS, QUIET } from '../common-options.js';
import { notACount, notTogether } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { planLines } from '../progress-text.js';
import { shownPlan } from '../report.js';

export const setup = defineCommand({
  name: 'setup',
  summary: 'install a compiler for WebAssembly/WASI and prove that it works',
  usage: ['setup [COMPONENT[@RANGE] ...] [--rust TOOLCHAIN] [--source SOURCE] [--clang PATH|system] [--mirror URL|DIR] [--locked] [--offline] [--bundle FILE|DIR] [--refetch] [--no-prove] [--dry-run]'],
  description: [
    'Downloads are checked against a pinned digest before anything is unpacked; parts are put together aside and come into place in one move. Running it again repairs what is damaged and otherwise changes nothing.',
    'Without a COMPONENT it installs the portable compiler, which runs wherever Node.js does, or keeps what is in use. `wasi-sdk` is the native compiler, `apt-clang` one from the packages of a Debian or Ubuntu, and `apt-rust` a whole Rust from there; `wasi-sysroot` and `builtins` are parts for a compiler that lacks them, `rust-target` is for the rustc of this machine: rustup adds it where rustup is, else the archive of the same version is laid over it, inside the home. RANGE is a version, a range of semver (`>=30`) or a channel (`stable`, `latest`). Versions are installed beside each other; the one named is used from then on. See `wasienv help sources`.',
    'In a project that has a wasienv.json or a wasienv.lock it installs what that wants, and leaves the choice of the home alone: see `wasienv help project`.',
  ],
  reading: 'options',
  options: {
    source: { value: 'SOURCE', choices: ['auto', 'upstream', 'mirror', 'npm', 'apt', 'system'], summary: 'where it comes from; `auto`, the default, says what it takes and why' },
    clang: { value: 'PATH|system', summary: 'adopt a clang of this machine and lay sysroot and builtins beside it, in the home, where it lacks them' },
    mirror: { value: 'URL|DIR', summary: 'a copy of the files under your own URL or directory; asked before other sources (also WASIENV_MIRROR)' },
    rust: { value: 'TOOLCHAIN', summary: 'whose `rust-target`: a toolchain of rustup (`nightly`) or the path of a rustc; by default the one this shell would run' },
    locked: { summary: 'install exactly what wasienv.lock says; without a lock that fits it is an error' },
    offline: { summary: 'make no connection: use what is installed, in downloads/ of the home, or in a mirror on disk' },
    bundle: { value: 'FILE|DIR', summary: 'install from what `wasienv pack` made, without a connection' },
    'allow-unverified': { summary: 'take a version of which no digest is known; its receipt and `doctor` say so' },
    'require-witnesses': { value: 'N', summary: 'take only what N independent projects pin the same digest of' },
    cafile: { value: 'FILE', summary: 'certificates (PEM) to trust in downloads, beside those of Node.js, the system and npm' },
    refetch: { summary: 'download and install again although all is well' },
    'no-prove': { summary: 'install only; `wasienv verify` proves later' },
    'dry-run': { summary: 'print the plan and change nothing' },
    ...QUIET,
    ...JSON_EVENTS,
  },
  examples: [
    { command: 'wasienv setup', shows: 'install and prove, or repair' },
    { command: 'wasienv setup wasi-sdk@30', shows: 'install the native compiler of wasi-sdk 30 and use it' },
    { command: 'wasienv setup rust-target', shows: 'bring WASI’s standard library to the Rust of this machine' },
    { command: 'wasienv setup --dry-run', shows: 'see what it would do' },
    { command: 'wasienv setup --source apt', shows: 'install a native compiler from Debian’s packages, without root' },
    { command: 'wasienv setup apt-clang apt-rust', shows: 'the same with rustc and cargo: C, C++ and Rust' },
    { command: 'wasienv setup --clang clang-19', shows: 'use a clang of this machine, with the parts it lacks laid beside it' },
    { command: 'wasienv setup --source system', shows: 'use the clang of this machine, writing nothing into it' },
  ],
  interruption: 'graceful',
  async run(context, { options, operands }) {
    const { surroundings: { cwd, platform }, env, output, signal } = context;
    const { parseComponent } = await import('../component-operands.js');
    const components = operands.map(parseComponent);
    const witnesses = options['require-witnesses'];
    if (witnesses !== undefined && !/^\d{1,3}$/.test(witnesses)) throw notACount('--require-witnesses', witnesses);
    const [{ homeDirectory, planSetup }, { setupRequest }] = await Promise.all([import('../../toolchain/index.js'), import('../setup-request.js')]);
    const home = homeDirectory(env, platform);
    const { source, clang, mirror, bundle, locked } = options;
    const { request, offline, wish } = await setupRequest(context, { components, source, clang, mirror, bundle, locked, offline: options.offline });
    const cafile = options.cafile === undefined ? {} : { cafile: path.resolve(cwd, options.cafile) };
    const world = { home, env, cwd, platform, signal, offline, ...cafile };
    const asked = request.components ?? [];
    const ofRust = asked.filter(({ name }) => name === 'rust-target' || name === 'apt-rust');
    if (ofRust.length > 1) throw notTogether('rust-target', 'apt-rust', 'apt-rust brings its own rustc, with the library');
    const others = asked.filter((each) => !ofRust.includes(each));
    // A bundle holds archives, and those alone; rustup is nothing to it.
    const lockedStd = request.promised?.kind === 'lock' ? request.promised.digests.get('rust-target') : undefined;
    const rust = ofRust.length > 0 || options.rust !== undefined
      ? await (await import('../../toolchain/rust/index.js')).planRust({
        rust: options.rust, wanted: ofRust[0]?.wanted, source: ofRust[0]?.name === 'apt-rust' ? 'apt' : request.source,
        mirror: request.mirror ?? env['WASIENV_MIRROR'], refetch: options.refetch, offline,
        ...(lockedStd === undefined ? {} : { promised: { file: request.promised!.file, integrity: lockedStd } }),
      }, world)
      : null;
    const wanted = rust?.kind === 'archive' || rust?.kind === 'packages' ? [...others, rust.component] : others;
    const plan = rust !== null && wanted.length === 0 ? null : await planSetup({
      ...request, components: wanted, refetch: options.refetch,
      allowUnverified: options['allow-unverified'], ...(witnesses === undefined ? {} : { requireWitnesses: Number(witnesses) }),
    }, world);
    if (wish !== null && !options.quiet && !options.json) output.print(`project  ${wish.by}`);
    if (options['dry-run']) {
      if (options.json) output.print(JSON.stringify({ type: 'plan', plan: plan && shownPlan(plan), ...(rust === null ? {} : { rust: { kind: rust.kind, text: rust.text } }) }));
      else [...(plan === null ? [] : planLines(plan)), ...(rust === null ? [] : [`rust     ${rust.text}`])].forEach(output.print);
      return EXIT.OK;
    }

    const { quiet, json } = options;
    const common = { home, settings: { ...cafile, offline }, quiet, json, prove: !options['no-prove'] };
    const isRustAlone = rust !== null && others.length === 0;
    if (plan !== null && !isRustAlone) await (await import('../compiler-setup.js')).setUpCompiler(context, { ...common, plan, isForProject: wish !== null, withRust: rust !== null });
    if (rust !== null) await (await import('../rust-setup.js')).setUpRust(context, { ...common, rust, plan: isRustAlone ? plan : null });
    return EXIT.OK;
  },
});
