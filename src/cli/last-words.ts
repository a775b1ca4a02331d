// What a compiler says is passed on at once, and its end is kept: when it fails, the rules of `explain` may know why.
import { say, type ByteSink } from '../compiler/io.js';
import type { Output } from './output.js';

/** Errors stand at the end; a compiler that says more than this has said the cause before, and often. */
const KEPT_BYTES = 64 * 1024;

export class LastWords implements ByteSink {
  #kept: Uint8Array[] = [];
  #bytes = 0;

  write(bytes: Uint8Array): void {
    say({ stdout: 'inherit', stderr: 'inherit' }, 'stderr', bytes);
    this.#kept.push(bytes.slice());
    this.#bytes += bytes.byteLength;
    while (this.#bytes - this.#kept[0]!.byteLength >= KEPT_BYTES) this.#bytes -= this.#kept.shift()!.byteLength;
  }

  text(): string {
    return Buffer.concat(this.#kept).toString('utf8');
  }
}

/** One line under the compiler's own, when a rule knows one of them. */
export async function explainFailure(said: string, output: Output): Promise<void> {
  const { explain, renderBriefly } = await import('../explain/index.js');
  const [first] = explain(said);
  if (first !== undefined) output.note(renderBriefly(first, output.errorColour));
}
