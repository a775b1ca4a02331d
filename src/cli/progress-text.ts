// The words of `setup` and `verify` for each thing that happens: shared by the terminal's drawing and by plain lines.
// Pure: time comes in as numbers.
import { formatBytes, formatDuration } from '../base/text.js';
import type { Plan, PlanStep, SetupPhase } from '../toolchain/types.js';

const VERBS: Readonly<Record<SetupPhase, readonly [doing: string, done: string]>> = {
  download: ['downloading', 'downloaded'],
  verify: ['verifying the digest of', 'verified the digest of'],
  unpack: ['unpacking', 'unpacked'],
  check: ['checking', 'checked'],
  commit: ['installing', 'installed'],
  adopt: ['adopting', 'adopted'],
};

export const phaseDoing = (phase: SetupPhase, subject: string) => `${VERBS[phase][0]} ${subject}`;

export const phaseDone = (phase: SetupPhase, subject: string, durationMs: number, detail: string | undefined) =>
  `${VERBS[phase][1]} ${subject} in ${formatDuration(durationMs)}${detail === undefined ? '' : ` (${detail})`}`;

/** `34 MB of 101 MB, 8.2 MB/s, 8.2 s left`; what is not known is left out. */
export function progressText(doneBytes: number, totalBytes: number | null, bytesPerSecond: number | undefined): string {
  const parts = [totalBytes === null ? formatBytes(doneBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`];
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) {
    parts.push(`${formatBytes(Math.round(bytesPerSecond))}/s`);
    if (totalBytes !== null && totalBytes > doneBytes) parts.push(`${formatDuration(((totalBytes - doneBytes) / bytesPerSecond) * 1000)} left`);
  }
  return parts.join(', ');
}

/** Rate over the last seconds rather than since the start: after a stall the time left must not stay rosy. */
export class RateMeter {
  readonly #samples: { atMs: number; doneBytes: number }[] = [];
  readonly #windowMs: number;

  constructor(windowMs = 5000) {
    this.#windowMs = windowMs;
  }

  add(atMs: number, doneBytes: number): void {
    this.#samples.push({ atMs, doneBytes });
    while (this.#samples.length > 2 && atMs - this.#samples[1]!.atMs > this.#windowMs) this.#samples.shift();
  }

  /** Bytes per second, or undefined until half a second has been watched. */
  get bytesPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return undefined;
    return ((last.doneBytes - first.doneBytes) * 1000) / (last.atMs - first.atMs);
  }
}

export function stepText(step: PlanStep): string {
  const subject = `${step.component} ${step.version}`;
  if (step.kind === 'keep' || step.kind === 'use') return `${step.kind.padEnd(8)} ${subject}: ${step.why}`;
  if (step.kind === 'adopt') return `adopt    ${subject} (${step.clang}): ${step.why}`;
  if (step.kind === 'packages') {
    const { packages } = step.set;
    return `install  ${subject} from ${step.source}, ${packages.length} packages, ${formatBytes(packages.reduce((sum, each) => sum + each.sizeBytes, 0))} to download: ${step.why}`;
  }
  const size = step.artifact.sizeBytes === null ? '' : `, ${formatBytes(step.artifact.sizeBytes)} to download`;
  return `install  ${subject} from ${step.source}${size}${step.replaces === undefined || step.replaces === step.version ? '' : `, replaces ${step.replaces}`}: ${step.why}`;
}

/** `setup --dry-run`, and the first lines of a plain `setup`. */
export function planLines(plan: Plan): string[] {
  return [`home     ${plan.home}`, `source   ${plan.source}: ${plan.reason}`, ...plan.steps.map(stepText)];
}
