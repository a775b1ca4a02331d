// The operations of probes (`runtime/probes.ts`), where code has any: at the entry of a function, at the head of a loop, and in
// front of each stretch that runs from its start to its end.
import { skipInstruction } from '../../binary/immediates.js';
import { Reader } from '../../binary/reader.js';
import type { Probes } from '../../runtime/probes.js';
import { Code } from '../codes.js';
import { Op } from '../ops.js';
import { Flow } from './blocks.js';
import { Objects } from './objects.js';

/** Costs no fuel: it does nothing, or only marks a place. */
const isFree = (code: number): boolean =>
  (code >= Code.NOP && code <= Code.LOOP) || code === Code.ELSE || code === Code.END || code === Code.TRY || code === Code.CATCH || code === Code.CATCH_ALL || code === Code.DELEGATE || code === Code.TRY_TABLE;
/** Whether other code than the next may follow, or may have run in between. `second` is the byte behind. */
const endsStretch = (code: number, second: number): boolean =>
  code === Code.IF || (code >= Code.BR && code <= Code.RETURN_CALL_REF) || code === Code.BR_ON_NULL || code === Code.BR_ON_NON_NULL ||
  (code === Code.PREFIX_OBJECT && (second === Code.BR_ON_CAST || second === Code.BR_ON_CAST_FAIL));

export abstract class Stretches extends Objects {
  /** What probes the function gets. */
  protected probes: Probes | null = null;
  /** Indices of the words that say how many instructions the stretch has that is being lowered; how many so far; where it started. */
  private lengthWords: number[] = [];
  private lengthSoFar = 0;
  private stretchStart = -1;
  /** The count of the stretch; -1: none yet. The first of a function has one although no instruction of it was met. */
  private tallied = -1;
  /** A loop was opened. */
  private tickDue = false;

  protected probeEntry(position: number): void {
    this.stretchStart = position;
    this.lengthWords = [];
    this.lengthSoFar = 0;
    this.tickDue = false;
    this.tallied = -1;
    this.positions?.push([0, position]);
    if (this.probes!.atEntry) this.emit1(Op.ENTERED, this.functionIndex);
    if (this.probes!.tally) this.tallyStretch(this.probes!);
  }

  private tallyStretch(probes: Probes): void {
    this.tallied = probes.add(this.functionIndex, this.stretchStart);
    this.emit1(Op.TALLY, this.tallied);
  }

  /** What probes do in front of the instruction at `position`; a stretch begins with the first instruction that is not free. */
  protected probe(position: number): void {
    const probes = this.probes!;
    const { bytes } = this.reader;
    const code = bytes[position]!;
    if (this.tickDue) {
      this.tickDue = false;
      if (probes.interrupt !== null) this.emit0(Op.TICK);
    }
    if (isFree(code)) {
      if (code === Code.LOOP) this.tickDue = true;
      // Control leaves the end of a loop the way it came.
      if (code !== Code.BLOCK && code !== Code.NOP && !(code === Code.END && this.frameAt(0).flow === Flow.LOOP && !this.dead)) this.endStretchBehind(position);
      return;
    }
    if (this.lengthSoFar === 0) this.beginStretch(probes);
    this.lengthSoFar++;
    for (const word of this.lengthWords) this.out[word] = this.lengthSoFar;
    if (endsStretch(code, bytes[position + 1]!)) this.endStretchBehind(position);
  }

  private beginStretch(probes: Probes): void {
    if (probes.hasFuel) {
      this.emit1(Op.FUEL, 0);
      this.lengthWords.push(this.length - 1);
    }
    if (probes.calls !== null) {
      this.emit1(Op.WEIGH, 0);
      this.lengthWords.push(this.length - 1);
    }
    if (probes.tally && this.tallied < 0) this.tallyStretch(probes);
  }

  /** Behind the instruction at `position`. */
  private endStretchBehind(position: number): void {
    const next = new Reader(this.reader.bytes, position);
    skipInstruction(next);
    this.endStretch(next.position);
  }

  protected endStretch(position: number): void {
    if (this.tallied >= 0) this.probes!.stretches[this.tallied]!.end = position;
    this.tallied = -1;
    this.lengthWords = [];
    this.lengthSoFar = 0;
    this.stretchStart = position;
  }
}
