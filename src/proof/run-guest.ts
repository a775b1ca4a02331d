// One proof program on the interpreter, in the thread that calls: what came out, or what went wrong with our engine.
import { WasienvError } from '../base/errors.js';
import { runProgram } from '../program/index.js';
import type { ProofProgram } from './catalogue.js';
import { judgeError, type Outcome, type Verdict } from './verdict.js';

/** Everything a thread must be told; plain data. */
export interface GuestJob {
  readonly program: ProofProgram;
  readonly module: Uint8Array;
  /** An empty directory of the host, for programs that want one. */
  readonly scratch: string | null;
}

export type GuestReport = { readonly kind: 'outcome'; readonly outcome: Outcome } | { readonly kind: 'failure'; readonly verdict: Verdict };

/** A guest that writes without end is stopped here. */
const MOST_OUTPUT_BYTES = 1_000_000;

export function runGuest({ program, module, scratch }: GuestJob): GuestReport {
  const [stdout, stderr] = [new Output(), new Output()];
  let input = new TextEncoder().encode(program.stdin);
  try {
    const status = runProgram({
      bytes: module,
      name: `${program.id}.wasm`,
      wasi: {
        args: [`${program.id}.wasm`, ...program.args],
        env: program.env,
        stdin: {
          read(into: Uint8Array): number {
            const part = input.subarray(0, into.byteLength);
            into.set(part);
            input = input.subarray(part.byteLength);
            return part.byteLength;
          },
        },
        stdout,
        stderr,
        preopens: scratch === null ? [] : [{ host: scratch, guest: program.scratch! }],
      },
    });
    // Call depth has a limit of ours; a program of the catalogue stays far below what any engine must offer.
    if (status.kind === 'limit' || (status.kind === 'trap' && status.error.code === 'E_EXHAUSTION')) throw status.error;
    const end: Outcome['end'] = status.kind === 'exit' ? status : { kind: 'trap', name: status.name };
    return { kind: 'outcome', outcome: { stdout: stdout.bytes(), stderr: stderr.bytes(), end } };
  } catch (error) {
    return { kind: 'failure', verdict: judgeError(error) };
  }
}

class Output {
  readonly #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  write(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.byteLength;
    if (this.#sizeBytes > MOST_OUTPUT_BYTES) throw new WasienvError('E_PROOF', `it wrote more than ${MOST_OUTPUT_BYTES} bytes`);
    this.#chunks.push(bytes.slice());
  }
  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }
}
