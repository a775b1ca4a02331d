// How long a setup takes beside what a person would type: `curl -o f && sha256sum -c && tar xzf f`, both from a server on
// loopback, both with the same archive of some 100 MB and 8,500 files. Fresh processes, five of each in turn, medians.
// Beside the wall clock stands the time of the processors, which others at work on the machine hardly change.
//   npm run build && node bench/setup.mjs [RUNS]
import { createHash, randomFillSync } from 'node:crypto';
import { spawnSync, fork } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

const RUNS = Number(process.argv[2]) || 5;
const FILES = 8_500;

if (process.argv[2] === 'serve') serve(process.argv[3]);
else measure();

/** A process of its own: a server in this one could not answer while it waits for a child. */
function serve(file) {
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-length': statSync(file).size, etag: '"bench"' });
    createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response);
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}

/** Half headers that compress well, half objects that hardly do, in a few hundred directories, as a toolchain has it. */
function makeTree(root) {
  const noise = Buffer.alloc(1 << 20);
  randomFillSync(noise);
  const text = Buffer.from('#define SOME_MACRO(x) ((x) + 1)\nint some_function(int argument, const char *text);\n'.repeat(400));
  let files = 0;
  for (let directory = 0; files < FILES - 4; directory += 1) {
    const at = path.join(root, 'package', 'share', `part${directory % 20}`, `module${directory}`);
    mkdirSync(at, { recursive: true });
    for (let index = 0; index < 25 && files < FILES - 4; index += 1, files += 1) {
      const body = files % 2 === 0 ? text.subarray(0, 2_000 + (files * 37) % 30_000) : noise.subarray((files * 101) % 500_000).subarray(0, 4_000 + (files * 53) % 12_000);
      writeFileSync(path.join(at, `file${index}.h`), body);
    }
  }
  mkdirSync(path.join(root, 'package', 'bin'), { recursive: true });
  for (let index = 0; index < 4; index += 1) writeFileSync(path.join(root, 'package', 'bin', `tool${index}`), Buffer.concat([...Array.from({ length: 15 }, () => noise), ...Array.from({ length: 400 }, () => text)]), { mode: 0o755 });
}

async function measure() {
  const root = mkdtempSync(path.join(tmpdir(), 'wasienv-bench-setup-'));
  let server;
  try {
    const at = (...parts) => path.join(root, ...parts);
    makeTree(at('source'));
    run('tar', ['-C', at('source'), '-czf', at('a.tar.gz'), 'package']);
    const unpackedBytes = Number(run('du', ['-sb', at('source')]).split('\t')[0]);
    rmSync(at('source'), { recursive: true });
    const archive = readFileSync(at('a.tar.gz'));
    const digest = createHash('sha256').update(archive).digest();
    server = fork(import.meta.filename, ['serve', at('a.tar.gz')]);
    const port = await new Promise((resolve) => server.once('message', resolve));
    mkdirSync(at('manifests'));
    const expects = ['bin/tool0'];
    writeFileSync(at('manifests', 'bench.json'), JSON.stringify({
      schema: 1, component: 'portable-clang', title: 'bench', channels: { stable: '1.0.0' },
      releases: [{
        version: '1.0.0', source: 'npm', hosts: ['any'], clangVersion: '22.1.0',
        artifact: { location: 'a/-/a-1.0.0.tgz', sizeBytes: archive.byteLength, integrity: `sha256-${digest.toString('base64')}`, witnesses: [] },
        unpack: { format: 'tar.gz', take: [{ as: 'tree', from: 'package', to: '' }] }, unpackedBytes,
        layout: { sysroot: 'share', resourceDir: 'share', builtins: 'bin/tool1', target: 'wasm32-wasip1', programs: { kind: 'portable', module: 'bin/tool0' } }, expects,
      }],
    }));
    writeFileSync(at('npmrc'), `registry=http://127.0.0.1:${port}/\n`);
    writeFileSync(at('sums'), `${digest.toString('hex')}  f\n`);
    const env = { PATH: process.env.PATH, HOME: root, WASIENV_HOME: at('home'), WASIENV_MANIFESTS: at('manifests'), npm_config_userconfig: at('npmrc'), npm_config_globalconfig: at('none') };
    const cli = path.resolve(import.meta.dirname, '..', 'bin', 'wasienv.js');
    const sides = {
      byHand: () => timed(at('plain'), 'sh', ['-c', `curl -sSo f http://127.0.0.1:${port}/f && sha256sum -c --quiet ../sums && tar xzf f && times >../report`], {}),
      wasienv: () => timed(at('home'), process.execPath, [cli, 'setup', '--source', 'npm', '--no-prove', '--quiet'], env),
    };
    const results = { byHand: [], wasienv: [] };
    for (let count = 0; count < RUNS; count += 1) for (const [name, once] of Object.entries(sides)) results[name].push(once());
    const median = (values) => [...values].sort((left, right) => left - right)[values.length >> 1];
    const [hand, ours] = ['byHand', 'wasienv'].map((name) => median(results[name].map(({ ms }) => ms)));
    console.log(`${process.version}; ${(archive.byteLength / 1e6).toFixed(0)} MB, ${FILES} files, ${(unpackedBytes / 1e6).toFixed(0)} MB unpacked; medians of ${RUNS} fresh processes, in turn`);
    console.log(`curl + sha256sum + tar   ${hand.toFixed(0).padStart(6)} ms   ${results.byHand.map(({ ms }) => ms.toFixed(0)).join(' ')}`);
    console.log(`wasienv setup            ${ours.toFixed(0).padStart(6)} ms   ${results.wasienv.map(({ ms }) => ms.toFixed(0)).join(' ')}`);
    console.log(`ratio                    ${(ours / hand).toFixed(2).padStart(6)}`);
    const [handCpu, ourCpu] = ['byHand', 'wasienv'].map((name) => median(results[name].map(({ cpuMs }) => cpuMs)));
    console.log(`processors: by hand      ${handCpu.toFixed(0).padStart(6)} ms, wasienv ${ourCpu.toFixed(0)} ms, ratio ${(ourCpu / handCpu).toFixed(2)}`);
    console.log(`peak memory              ${(Math.max(...results.wasienv.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0).padStart(6)} MiB`);
  } finally {
    server?.disconnect();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Wall clock, processor time and (of ours) peak memory of one process in an empty directory. */
function timed(directory, program, args, env) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const report = path.join(directory, '..', 'report');
  rmSync(report, { force: true });
  const preload = `data:text/javascript,import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(report)},JSON.stringify(process.resourceUsage())))`;
  const words = program === process.execPath ? ['--import', preload, ...args] : args;
  const started = performance.now();
  const { status, stderr } = spawnSync(program, words, { cwd: directory, env: { ...process.env, ...env }, encoding: 'utf8' });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  const text = readFileSync(report, 'utf8');
  if (program !== process.execPath) return { ms, cpuMs: cpuOfChildren(text), peakBytes: 0 };
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(text);
  return { ms, cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
}

/** The second line of what the shell's `times` prints: user and system time of the programs it started, `0m1.23s 0m0.45s`. */
function cpuOfChildren(text) {
  return text.split('\n')[1].trim().split(/\s+/).reduce((sum, each) => {
    const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(each);
    return sum + (Number(minutes) * 60 + Number(seconds)) * 1000;
  }, 0);
}

function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
