// What `setup` and `verify` share: prove a toolchain, draw it, show what was proved and where the receipt lies.
import { freshProof, renderProof, proofFailed, proofFile, proveToolchain, type Provable, type ProveOptions } from '../proof/index.js';
import type { CommandContext } from './command.js';
import type { Reporter } from './report.js';

export interface ProveRequest {
  readonly toolchain: Provable;
  readonly home: string;
  readonly reporter: Reporter;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly keep?: string;
}

/** Proves and shows. @throws E_PROOF after the table, so that the reader sees what passed, too. */
export async function proveAndShow({ env, output, signal, surroundings: { now } }: CommandContext, { toolchain, home, reporter, quiet, json, keep }: ProveRequest): Promise<void> {
  const options: ProveOptions = { toolchain, home, env, emit: reporter.emit, now, signal };
  const receipt = await proveToolchain(keep === undefined ? options : { ...options, keep });
  await reporter.close(!receipt.ok);
  const file = proofFile(home, toolchain);
  if (json) output.print(JSON.stringify({ type: 'proof', ok: receipt.ok, file, receipt }));
  else if (!quiet) {
    output.print('');
    output.print(renderProof(receipt, { colour: output.colour }));
    output.print(`proof    ${file}`);
  }
  if (!receipt.ok) throw proofFailed(receipt, file);
}

/**
 * Proves and shows what was not proved yet. Gives the words for what was (`was proved with 7 programs on 2026-08-01`), null after
 * the table of a new proof. @throws E_PROOF
 */
export async function proveOnce(context: CommandContext, request: ProveRequest, { isChanged }: { readonly isChanged: boolean }): Promise<string | null> {
  const { toolchain, home, reporter, json } = request;
  const proof = isChanged ? null : await freshProof(home, toolchain);
  if (proof === null) {
    await proveAndShow(context, request);
    return null;
  }
  await reporter.close(false);
  if (json) context.output.print(JSON.stringify({ type: 'proof', ok: proof.ok, file: proofFile(home, toolchain), receipt: proof }));
  return `was proved with ${proof.programs.length} programs on ${proof.provedAt.slice(0, 10)}`;
}
