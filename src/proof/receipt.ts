// The receipt of a proof: what was proved, with which bytes, by whom, when and how fast. One JSON file for each
// version of a compiler below `proofs/` of the home, replaced as a whole by each proof. Schema: manifests/proof.schema.json.
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../base/json.js';
import { homeTree, receiptId, wasienvVersion, writeJson, type ComponentName } from '../toolchain/index.js';
import type { Provable } from './provable.js';
import { unreadableProof } from './errors.js';

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const file = v.object({ path: v.string(), sizeBytes: v.pipe(v.number(), v.integer(), v.minValue(0)), sha256 });

const programResult = v.object({
  id: v.string(),
  title: v.string(),
  shows: v.string(),
  language: v.picklist(['c', 'c++', 'rust']),
  /** Null when the program did what it must. */
  fault: v.nullable(v.picklist(['compiler', 'interpreter', 'program'])),
  detail: v.nullable(v.string()),
  sources: v.array(file),
  /** The arguments of the compiler, in a directory that holds the sources. */
  compilerArgs: v.array(v.string()),
  module: v.nullable(file),
  /** What the program wrote; null when it did not run. */
  output: v.nullable(v.object({ stdoutSha256: sha256, stderrSha256: sha256, end: v.string() })),
  compileMs: milliseconds,
  runMs: milliseconds,
});

const proofReceipt = v.object({
  schema: v.literal(1),
  ok: v.boolean(),
  /** ISO 8601, UTC. */
  provedAt: v.string(),
  wasienvVersion: v.string(),
  nodeVersion: v.string(),
  host: v.object({ platform: v.string(), arch: v.string() }),
  toolchain: v.object({
    component: v.string(), version: v.string(), source: v.string(),
    /** Null where rustc compiled; then `rustcVersion` is its version line. */
    clangVersion: v.nullable(v.string()), rustcVersion: v.optional(v.string()), target: v.string(),
    /** Identity of the toolchain's bytes: `sha512-…` of its artifact. */
    digest: v.string(),
  }),
  /** The libraries every program is linked with. */
  parts: v.array(file),
  programs: v.array(programResult),
  /** The modes of `cc` that programs which passed were built with: `setjmp`, `emulate signal`. Left out before there were any. */
  modes: v.optional(v.array(v.string())),
  timings: v.object({ compileMs: milliseconds, runMs: milliseconds, totalMs: milliseconds }),
});

export type ProofReceipt = v.InferOutput<typeof proofReceipt>;
export type ProgramResult = v.InferOutput<typeof programResult>;

/** What a proof speaks of: a compiler together with the parts it took from other components, whose bytes `digest` is. */
type Proved = Pick<Provable, 'component' | 'version' | 'digest'>;

export function proofFile(home: string, { component, version, digest }: Proved): string {
  return homeTree.proofFile(home, receiptId(component, version, digest));
}

/** The proof of this toolchain, or null where there is none. @throws E_RECEIPT for a file that is no proof. */
export async function readProof(home: string, toolchain: Proved): Promise<ProofReceipt | null> {
  return (await readProofFile(proofFile(home, toolchain))) ?? readProofFile(formerProofFile(home, toolchain));
}

/** Until several versions could be installed beside each other a proof was filed under its component alone. */
function formerProofFile(home: string, { component }: Pick<Proved, 'component'>): string {
  return homeTree.proofFile(home, component);
}

async function readProofFile(name: string): Promise<ProofReceipt | null> {
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw unreadableProof(name, 'it cannot be read', error);
  }
  return parseProof(text, name);
}

/** Pure. `name` is for the message only. @throws E_RECEIPT */
export function parseProof(text: string, name: string): ProofReceipt {
  const parsed = v.safeParse(proofReceipt, parseJson(text, (why, cause) => unreadableProof(name, why, cause)));
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw unreadableProof(name, `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}

export async function writeProof(home: string, receipt: ProofReceipt): Promise<void> {
  const { component, version, digest } = receipt.toolchain;
  await writeJson(proofFile(home, { component: component as ComponentName, version, digest }), receipt);
  // Of one version only the last counts: its other files, or other parts beside it, were another toolchain.
  const mine = path.basename(proofFile(home, { component: component as ComponentName, version, digest }));
  const others = (await readdir(homeTree.proofsDir(home))).filter((name) => name === `${component}.json` || (name !== mine && name.startsWith(`${component}-${version}-`) && /^[0-9a-f]{8}\.json$/.test(name.slice(`${component}-${version}-`.length))));
  for (const name of others) await rm(path.join(homeTree.proofsDir(home), name), { force: true });
}

/** Whether a proof still speaks of this toolchain and this wasienv: null, or what has changed since, for people. */
export function staleness(receipt: ProofReceipt, toolchain: Pick<Provable, 'version' | 'digest'>, version = wasienvVersion()): string | null {
  if (receipt.toolchain.digest !== toolchain.digest) {
    return receipt.toolchain.version === toolchain.version
      ? 'the files of the toolchain have changed since'
      : `it speaks of version ${receipt.toolchain.version}, installed is ${toolchain.version}`;
  }
  // Another wasienv has another interpreter and other programs.
  return receipt.wasienvVersion === version ? null : `it was made by wasienv ${receipt.wasienvVersion}, this is ${version}`;
}

/**
 * The proof on record when it passed and still speaks of this toolchain; null when a new one is due. A receipt that
 * cannot be understood counts as none: the next proof replaces it.
 */
export async function freshProof(home: string, toolchain: Provable): Promise<ProofReceipt | null> {
  const receipt = await readProof(home, toolchain).catch(() => null);
  return receipt !== null && receipt.ok && staleness(receipt, toolchain) === null ? receipt : null;
}

/**
 * When the rustc of a component was last proved, ISO 8601; null when it was not. Its proof is filed under a digest that
 * the linker takes part in: which proof is meant, the libraries tell that it names.
 */
export async function rustProvedAt(home: string, { version, directory }: { readonly version: string; readonly directory: string }): Promise<string | null> {
  const names = await readdir(homeTree.proofsDir(home)).catch(() => []);
  const proofs = await Promise.all(names.filter((name) => name.startsWith(`rust-target-${version}-`)).map((name) => readProofFile(path.join(homeTree.proofsDir(home), name)).catch(() => null)));
  return proofs.find((proof) => proof?.ok === true && proof.wasienvVersion === wasienvVersion() && proof.parts.some((part) => part.path.startsWith(directory + path.sep)))?.provedAt ?? null;
}

/** When this toolchain was last proved, ISO 8601; null when it was not, or not as it is now. */
export async function provedAt(home: string, toolchain: Provable): Promise<string | null> {
  return (await freshProof(home, toolchain))?.provedAt ?? null;
}
