// Who listens to the events of `setup` and `verify`: a drawing on a terminal, plain lines in a pipe, NDJSON with
// `--json`, nobody with `--quiet`.
import { safePlace } from '../base/safe-url.js';
import type { Emit, Plan, SetupEvent } from '../toolchain/types.js';
import { waitingFor } from './home-lock.js';
import type { Output } from './output.js';
import { phaseDoing, phaseDone, planLines } from './progress-text.js';
import { formatDuration } from '../base/text.js';

export interface Reporter {
  readonly emit: Emit;
  /** Draws what is still to be drawn. `failed` marks what was under way as not done. Must be awaited before anything else is printed. */
  close(failed: boolean): Promise<void>;
}

export interface ReportOptions {
  readonly quiet: boolean;
  readonly json: boolean;
  readonly now: () => number;
}

/** Runs something that emits. Where it fails, what was under way is drawn as failed; where it succeeds it has closed the reporter itself, before the first line it printed. */
export async function withReporter<T>(output: Output, options: ReportOptions, use: (reporter: Reporter) => Promise<T>): Promise<T> {
  const reporter = await makeReporter(output, options);
  try {
    return await use(reporter);
  } catch (error) {
    await reporter.close(true);
    throw error;
  }
}

export async function makeReporter(output: Output, { quiet, json, now }: ReportOptions): Promise<Reporter> {
  if (json) return jsonReporter(output, now);
  if (quiet) return { emit: () => {}, close: async () => {} };
  if (output.canRedraw) return (await import('./progress.js')).terminalReporter(output, now);
  return plainReporter(output, now);
}

/** One event a line, as the core emits it. Progress at most four times a second: a reader wants state, not load. */
function jsonReporter(output: Output, now: () => number): Reporter {
  const lastProgress = new Map<string, number>();
  return {
    emit: (event) => {
      if (event.type === 'progress') {
        const isLast = event.doneBytes === event.totalBytes;
        if (!isLast && now() - (lastProgress.get(event.component) ?? -Infinity) < 250) return;
        lastProgress.set(event.component, now());
      }
      output.print(JSON.stringify(event.type === 'plan' ? { ...event, plan: shownPlan(event.plan) } : event));
    },
    close: async () => {},
  };
}

/** A plan as others may see it: the address of a mirror may hold a login, which only the download needs. */
export function shownPlan(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.map((step) => (step.kind === 'install' && step.mirror !== undefined ? { ...step, mirror: safePlace(step.mirror) } : step)) };
}

/** A line per phase; a download says that it starts, too, because it may take minutes. */
function plainReporter(output: Output, now: () => number): Reporter {
  const proof = { startedAt: 0, passed: 0, count: 0 };
  const emit = (event: SetupEvent): void => {
    switch (event.type) {
      case 'plan':
        return planLines(event.plan).forEach((line) => output.print(line));
      case 'lock-wait':
        return output.print(waitingFor(event.holder));
      case 'step-start':
        return event.phase === 'download' ? output.print(phaseDoing(event.phase, event.component)) : undefined;
      case 'step-end':
        return output.print(phaseDone(event.phase, event.component, event.durationMs, event.detail));
      case 'note':
        return output.print(`note     ${event.text}`);
      case 'proof-start':
        if (event.index === 0 || proof.count === 0) Object.assign(proof, { startedAt: now(), passed: 0, count: event.count });
        return undefined;
      case 'proof-end':
        if (!event.ok) return output.print(`failed   ${event.program}${event.detail === undefined ? '' : `: ${event.detail}`}`);
        proof.passed += 1;
        return proof.passed === proof.count ? output.print(`proved ${proof.count} programs in ${formatDuration(now() - proof.startedAt)}`) : undefined;
      case 'progress':
      case 'done':
        return undefined;
    }
  };
  return { emit, close: async () => {} };
}
