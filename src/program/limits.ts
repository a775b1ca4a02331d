// Limits somebody sets for a program: memory, instructions, calls, time. What each engine can keep is said here; the exit codes
// that tell of them are decided by cli.
import vm from 'node:vm';
import { WasienvError } from '../base/errors.js';
import { formatBytes, formatDuration } from '../base/text.js';
import { Exhaustion } from '../wasm/errors.js';
import type { Module } from '../wasm/index.js';
import { PAGE_BYTES } from '../wasm/types.js';

export interface ProgramLimits {
  /** A memory that would grow beyond is told that there is no more; one that starts beyond is refused. */
  readonly maxMemoryBytes?: number;
  /** Instructions of the module, as `runtime/probes.ts` counts them; the interpreter's alone. */
  readonly fuel?: number;
  /** Calls under way at once; the interpreter's alone. */
  readonly maxDepth?: number;
  /** From when the program starts. */
  readonly timeoutMs?: number;
}

/** Whole pages of a limit; undefined: none. */
export const mostPages = ({ maxMemoryBytes }: ProgramLimits): number | undefined => (maxMemoryBytes === undefined ? undefined : Math.floor(maxMemoryBytes / PAGE_BYTES));

/** Throws E_LIMIT_MEMORY for a memory that is too large from the start. */
export function requireMemoryWithin(module: Module, limits: ProgramLimits, name: string): void {
  const most = mostPages(limits);
  if (most === undefined) return;
  const types = [...module.memories, ...module.imports.flatMap(({ description }) => (description.kind === 'memory' ? [description.type] : []))];
  const first = types.reduce((sum, { limits: { min } }) => (min > sum ? min : sum), 0n);
  if (first <= BigInt(most)) return;
  throw new WasienvError('E_LIMIT_MEMORY', `the program starts with ${pagesText(first)} of memory, more than the ${formatBytes(limits.maxMemoryBytes!)} it may have`, {
    where: [['file', name], ['memory', `${first} pages of 64 KiB; ${most} are allowed`]],
    next: 'allow more with `--max-memory`, or link the program with less: `-Wl,--initial-memory=BYTES`, fewer and smaller global arrays',
  });
}

const pagesText = (pages: bigint): string => formatBytes(Number(pages) * PAGE_BYTES);

/** The same module with memories that end at the limit by their own declaration, for an engine that takes no limits. */
export function withMemoryWithin(module: Module, limits: ProgramLimits): Module {
  const most = mostPages(limits);
  if (most === undefined || module.memories.every(({ limits: { max } }) => max !== null && max <= BigInt(most))) return module;
  return { ...module, memories: module.memories.map((type) => ({ ...type, limits: { ...type.limits, max: type.limits.max !== null && type.limits.max < BigInt(most) ? type.limits.max : BigInt(most) } })) };
}

/** How much longer a program may be told that its time is over by what it waits for, which knows where it is. */
const WAITING_GRACE_MS = 50;

export const timeIsOver = (timeoutMs: number): Exhaustion => new Exhaustion('the time is over', `the program had ${formatDuration(timeoutMs)}`, [], { code: 'E_LIMIT_TIME' });

/** The moment a program must have ended by. */
export class Deadline {
  private readonly end: number;

  constructor(private readonly timeoutMs: number) {
    this.end = performance.now() + timeoutMs;
  }

  get leftMs(): number {
    return this.end - performance.now();
  }

  /** What stops the program when its time is over. */
  readonly passed = (): Exhaustion | undefined =>
    this.leftMs > 0 ? undefined : timeIsOver(this.timeoutMs);

  readonly check = (): void => {
    const over = this.passed();
    if (over !== undefined) throw over;
  };

  /**
   * Runs what does not ask for the time itself: V8 stops it from another thread, wherever it is (not inside a system call).
   * Nothing behind that point runs, no `finally` either; `tidy` does. Who asks while it waits comes first.
   */
  around(act: () => void, tidy: () => void = () => {}): void {
    const left = Math.max(1, Math.ceil(this.leftMs) + WAITING_GRACE_MS);
    const key = `wasienv-${Math.random()}`;
    const scope = globalThis as Record<string, unknown>;
    scope[key] = act;
    try {
      new vm.Script(`globalThis[${JSON.stringify(key)}]()`).runInThisContext({ timeout: left });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      tidy();
      throw this.passed() ?? error;
    } finally {
      delete scope[key];
    }
  }
}
