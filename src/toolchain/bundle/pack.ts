// Makes a bundle: resolves what is wanted for each host, brings the artifacts home like a setup would, verified, and
// writes them at a mirror's paths into a tar or a directory. The file appears under its name when it is whole.
import { createReadStream, statSync } from 'node:fs';
import { copyFile, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectories } from '../../base/directories.js';
import { wasienvVersion } from '../../base/version.js';
import { cannotWriteBundle, unknownHost } from './errors.js';
import { interrupted, noManifest, noToolchain } from '../errors.js';
import { Fetches, type InstallStep, type RunOptions } from '../fetch.js';
import { currentAssembly } from '../installed.js';
import { withLock } from '../lock.js';
import { loadManifestsFor } from '../manifest.js';
import { wishAt } from '../project/select.js';
import { writeWhole } from '../receipt.js';
import { resolveComponent, type HostToRunOn } from '../resolve.js';
import { mirrorPath } from '../sources/mirror.js';
import type { ComponentName, ComponentRequest, Manifest, SourceName } from '../types.js';
import { BUNDLE_FILE, type Bundle, type BundleRow } from './bundle.js';
import { padding, TAR_END, tarHeader } from './tar-file.js';

export interface PackRequest {
  /** Left out: what the project wants, else what is in use. */
  readonly components?: readonly ComponentRequest[];
  /** `linux-x64`, in Node's words. */
  readonly hosts: readonly string[];
  /** A file, or a directory when it is one or ends in a slash. */
  readonly output: string;
  readonly mirror?: string | undefined;
}

export interface Packed {
  readonly file: string;
  readonly rows: readonly BundleRow[];
}

/** Packs. @throws as a setup of the same would, and E_FILE when the output cannot be written */
export async function packBundle(request: PackRequest, options: RunOptions): Promise<Packed> {
  const components = request.components ?? wishAt(options)?.components ?? inUse(options.home);
  const steps = stepsFor(components, request, await loadManifestsFor(options));
  const output = path.resolve(options.cwd, request.output);
  const isDirectory = /[\\/]$/.test(request.output) || isExistingDirectory(output);
  const lock = { onWait: (holder: string) => options.emit({ type: 'lock-wait', holder }), signal: options.signal };
  return withLock(options.home, 'pack', async () => {
    // In this order: downloads that nobody would stop are not begun for an output that cannot be written.
    const writer: BundleWriter = isDirectory ? new DirectoryWriter(output) : await TarWriter.open(output);
    const fetches = new Fetches(steps, options);
    try {
      const rows: BundleRow[] = [];
      for (const step of steps) {
        if (options.signal?.aborted === true) throw interrupted('packing');
        const { file, integrity } = await fetches.take(step);
        const name = mirrorPath(step.artifact.location).join('/');
        await fetches.until(step, guard(output, () => writer.add(name, file)));
        const { component, version, artifact: { location }, release: { hosts } } = step;
        rows.push({ component, version, hosts, location, path: name, sizeBytes: step.artifact.sizeBytes ?? writer.lastBytes, integrity });
      }
      const bundle: Bundle = { schema: 1, wasienvVersion: wasienvVersion(), rows };
      await guard(output, () => writer.finish(`${JSON.stringify(bundle, null, 2)}\n`));
      return { file: output, rows };
    } catch (error) {
      await writer.abandon();
      throw error;
    } finally {
      await fetches.close();
    }
  }, lock);
}

/** What the portable compiler, which is for any host, is packed for. */
const USUAL_HOSTS = ['linux', 'darwin', 'win32'].flatMap((platform) => ['x64', 'arm64'].map((arch) => `${platform}-${arch}`));

function isExistingDirectory(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

function inUse(home: string): readonly ComponentRequest[] {
  const assembly = currentAssembly(home);
  if (assembly === undefined) throw noToolchain(home);
  return [assembly.compiler, ...assembly.parts].map(({ component, version }) => ({ name: component, wanted: version }));
}

/** One step for each artifact, as if all were to be installed. Pure. */
function stepsFor(components: readonly ComponentRequest[], { hosts, mirror }: PackRequest, manifests: ReadonlyMap<ComponentName, Manifest>): readonly InstallStep[] {
  const steps = new Map<string, InstallStep>();
  const known = new Set([...USUAL_HOSTS, ...[...manifests.values()].flatMap(({ releases }) => releases.flatMap((release) => release.hosts))]);
  for (const host of hosts) {
    if (!known.has(host)) throw unknownHost(host, [...known].filter((each) => each !== 'any').sort());
    const [platform, arch] = host.split('-') as [NodeJS.Platform, string];
    for (const { name, wanted } of components) {
      const manifest = manifests.get(name);
      if (manifest === undefined) throw noManifest(name, 'the manifests');
      // Another machine's libc is not known here.
      const { release } = resolveComponent(manifest, wanted, sourceOf(manifest), { platform, arch } satisfies HostToRunOn);
      steps.set(`${name} ${release.artifact.location}`, {
        kind: 'install', component: name, version: release.version, source: mirror === undefined ? release.source : 'mirror', artifact: release.artifact, release,
        ...(mirror === undefined ? {} : { mirror }), refetch: false, use: false, why: 'packed',
      });
    }
  }
  return [...steps.values()];
}

function sourceOf({ releases }: Manifest): SourceName {
  return releases.some(({ source }) => source === 'npm') ? 'npm' : 'upstream';
}

async function guard(output: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw cannotWriteBundle(output, cause as NodeJS.ErrnoException);
  }
}

interface BundleWriter {
  /** Size of the file that was added last. */
  readonly lastBytes: number;
  add(name: string, file: string): Promise<void>;
  finish(description: string): Promise<void>;
  /** After a failure: what is half-made goes. */
  abandon(): Promise<void>;
}

class TarWriter implements BundleWriter {
  lastBytes = 0;
  readonly #output: string;
  readonly #handle: FileHandle;

  private constructor(output: string, handle: FileHandle) {
    this.#output = output;
    this.#handle = handle;
  }

  static async open(output: string): Promise<TarWriter> {
    try {
      makeDirectories(path.dirname(output));
      return new TarWriter(output, await open(`${output}.part`, 'w'));
    } catch (cause) {
      throw cannotWriteBundle(output, cause as NodeJS.ErrnoException);
    }
  }

  async add(name: string, file: string): Promise<void> {
    this.lastBytes = statSync(file).size;
    await this.#handle.writeFile(tarHeader(name, this.lastBytes));
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) await this.#handle.writeFile(chunk as Buffer);
    await this.#handle.writeFile(padding(this.lastBytes));
  }

  async finish(description: string): Promise<void> {
    const bytes = Buffer.from(description);
    await this.#handle.writeFile(Buffer.concat([tarHeader(BUNDLE_FILE, bytes.byteLength), bytes, padding(bytes.byteLength), TAR_END]));
    await this.#handle.sync();
    await this.#handle.close();
    await rename(`${this.#output}.part`, this.#output);
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(`${this.#output}.part`, { force: true });
  }
}

class DirectoryWriter implements BundleWriter {
  lastBytes = 0;
  readonly #output: string;

  constructor(output: string) {
    this.#output = output;
  }

  async add(name: string, file: string): Promise<void> {
    const target = path.join(this.#output, ...name.split('/'));
    this.lastBytes = statSync(file).size;
    makeDirectories(path.dirname(target));
    try {
      await copyFile(file, `${target}.part`);
      await rename(`${target}.part`, target);
    } catch (error) {
      await rm(`${target}.part`, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async finish(description: string): Promise<void> {
    await writeWhole(path.join(this.#output, BUNDLE_FILE), description);
  }

  /** What came whole stays: a directory may be a mirror already, and a second run goes on with it. */
  async abandon(): Promise<void> {}
}
