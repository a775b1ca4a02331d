// Tells what a step is doing as events, and takes the time of each phase for the receipt.
import type { ComponentName, SetupContext, SetupPhase } from './types.js';

/** Tells of each phase and takes its time. */
export class Phases {
  readonly component: ComponentName;
  readonly #emit: SetupContext['emit'];
  readonly #timings: Record<string, number> = {};

  constructor(component: ComponentName, emit: SetupContext['emit']) {
    this.component = component;
    this.#emit = emit;
  }

  async run<T>(phase: SetupPhase, work: (progress: (doneBytes: number, totalBytes: number | null) => void) => Promise<readonly [result: T, detail: string]>): Promise<T> {
    const started = performance.now();
    let toldAt = -Infinity;
    this.#emit({ type: 'step-start', component: this.component, phase });
    const [result, detail] = await work((doneBytes, totalBytes) => {
      const at = performance.now();
      // Ten times a second is as often as anybody looks; the last one always counts.
      if (at - toldAt < 100 && doneBytes !== totalBytes) return;
      toldAt = at;
      this.#emit({ type: 'progress', component: this.component, phase, doneBytes, totalBytes });
    });
    const durationMs = Math.round(performance.now() - started);
    this.#timings[phase] = durationMs;
    this.#emit({ type: 'step-end', component: this.component, phase, durationMs, detail });
    return result;
  }

  timings(): Readonly<Record<string, number>> {
    return { ...this.#timings };
  }
}
