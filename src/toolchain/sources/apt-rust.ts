// Which packages of a Debian or Ubuntu make a Rust for WASI: rustc, cargo, the standard libraries for this host and for
// wasm32, the LLVM and the linker that go with them, and the shared libraries that the programs need. What Debian's
// rustc depends on beside (gcc, for programs of the host) stays with the machine.
// packages: `rustc` of Debian; `rustc-1.80` and its like of Ubuntu, several beside each other
import { WasienvError } from '../../base/errors.js';
import { noAptSet } from './errors.js';
import type { PackageSet } from '../types.js';
import { OF_THE_HOST, meets, neededBy, packageNames, recordsOf, setOf } from './apt-packages.js';
import type { SourceContext } from './source.js';

/** The newest whole Rust apt offers, or the one of the version asked for. */
export async function findRust(wanted: string | undefined, context: SourceContext): Promise<PackageSet | WasienvError> {
  const names = await packageNames('libstd-rust-', context);
  if (names instanceof WasienvError) return names;
  const refused: [what: string, reason: string][] = [];
  for (const suffix of suffixesIn(names)) {
    const set = await findSet(suffix, names, context);
    if (typeof set !== 'string' && meets(set.version, wanted)) return set;
    refused.push([`rustc${suffix}`, typeof set === 'string' ? set : `it is ${set.version}`]);
  }
  return noAptSet('rust', wanted, refused);
}

/** Ends of the names of packages with a library for wasm32: `-1.80`, newest first, then the plain one. Pure. */
export function suffixesIn(packageNames: readonly string[]): readonly string[] {
  const minor = (suffix: string): number => Number(/\.(\d+)$/.exec(suffix)?.[1] ?? -1);
  return packageNames.flatMap((name) => /^libstd-rust(-\d+\.\d+)?-dev-wasm32$/.exec(name)?.slice(1).map((suffix: string | undefined) => suffix ?? '') ?? []).sort((left, right) => minor(right) - minor(left));
}

async function findSet(suffix: string, offered: readonly string[], context: SourceContext): Promise<PackageSet | string> {
  const [rustc, cargo, std] = [`rustc${suffix}`, `cargo${suffix}`, `libstd-rust${suffix}-dev`];
  // The compiler proper is a library, `librustc_driver`, in the package with nothing but the version behind its name.
  const drivers = offered.filter((name) => /^libstd-rust-\d+\.\d+$/.test(name));
  const records = await recordsOf([cargo, std, ...drivers], context);
  const dependsOf = (name: string): readonly string[] => records.find((each) => each.name === name)?.depends ?? [];
  const driver = dependsOf(std).find((name) => drivers.includes(name));
  if (driver === undefined) return `apt has no ${std}`;
  const llvm = dependsOf(driver).find((name) => /^libllvm\d+/.test(name));
  if (llvm === undefined) return `${driver} does not say which LLVM it is made with`;
  const major = Number(/\d+/.exec(llvm)![0]);

  const names = [rustc, cargo, std, `${std}-wasm32`, driver, llvm, `lld-${major}`];
  // Those of the host are there, and asking for one by name would ask for its newest version.
  const libraries = dependsOf(cargo).filter((name) => /^(?:lib|zlib)/.test(name) && !name.endsWith('-dev') && !OF_THE_HOST.test(name));
  const needed = await neededBy([driver, llvm, `lld-${major}`, ...libraries], context);
  return typeof needed === 'string' ? needed : setOf('apt-rust', major, [...names, ...needed.filter((name) => !names.includes(name))], context);
}
