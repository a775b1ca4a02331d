// Draws `setup` and `verify` on a terminal (the only file that imports listr2). Each phase is a list of one line; lists
// follow one another, because two of them drawing at once would overwrite each other; a second download that runs
// meanwhile is told at the end of the line that is drawn.
import type { DefaultRenderer, ListrTaskWrapper, SimpleRenderer } from 'listr2';
import { formatDuration } from '../base/text.js';
import type { SetupEvent } from '../toolchain/types.js';
import { waitingFor } from './home-lock.js';
import type { Output } from './output.js';
import { phaseDoing, phaseDone, progressText, RateMeter, stepText } from './progress-text.js';
import type { Reporter } from './report.js';

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** One line that is being drawn, or waits for the one before it. */
class Line {
  title: string;
  #task: Task | undefined;
  #end!: (outcome: 'done' | 'failed') => void;
  readonly #ended = new Promise<'done' | 'failed'>((resolve) => (this.#end = resolve));

  constructor(title: string) {
    this.title = title;
  }

  set(title: string): void {
    this.title = title;
    if (this.#task !== undefined) this.#task.title = title;
  }

  end(title: string, outcome: 'done' | 'failed' = 'done'): void {
    this.set(title);
    this.#end(outcome);
  }

  async draw(inColour: boolean): Promise<void> {
    const { Listr, ListrDefaultRendererLogLevels } = await import('listr2');
    const uncoloured = Object.fromEntries(Object.values(ListrDefaultRendererLogLevels).map((level) => [level, (text?: string) => text ?? '']));
    const list = new Listr(
      [
        {
          title: this.title,
          task: async (_, task) => {
            this.#task = task as Task;
            task.title = this.title;
            if ((await this.#ended) === 'failed') throw new Error(this.title);
          },
        },
      ],
      { renderer: 'default', registerSignalListeners: false, exitOnError: false, rendererOptions: inColour ? {} : { color: uncoloured } },
    );
    await list.run();
  }
}

export function terminalReporter(output: Output, now: () => number): Reporter {
  let drawing: Promise<void> = Promise.resolve();
  /** What is under way, by component, in the order in which it began. */
  const open = new Map<string, { readonly line: Line; readonly meter: RateMeter; text: string }>();
  let proof: Line | undefined;
  let proofStartedAt: number | undefined;
  let failedPrograms = 0;
  const inColour = output.colour.bold('') !== '';

  const begin = (title: string): Line => {
    const line = new Line(title);
    drawing = drawing.then(() => line.draw(inColour));
    return line;
  };
  /** The first open line is the one that is drawn: it tells of the others, too. */
  const refresh = (): void => {
    const [first, ...others] = open.values();
    first?.line.set([first.text, ...others.map(({ text }) => text)].join('; '));
  };
  const say = (text: string): void => {
    drawing = drawing.then(() => output.print(text));
  };

  const emit = (event: SetupEvent): void => {
    switch (event.type) {
      case 'plan':
        say(output.colour.dim(`${event.plan.source}: ${event.plan.reason}`));
        return event.plan.steps.filter(({ kind }) => kind === 'keep').forEach((step) => say(output.colour.dim(stepText(step))));
      case 'lock-wait':
        return say(output.colour.yellow(waitingFor(event.holder)));
      case 'note':
        return say(output.colour.dim(event.text));
      case 'step-start': {
        const text = phaseDoing(event.phase, event.component);
        open.set(event.component, { line: begin(text), meter: new RateMeter(), text });
        return refresh();
      }
      case 'progress': {
        const step = open.get(event.component);
        if (step === undefined) return undefined;
        step.meter.add(now(), event.doneBytes);
        step.text = `${phaseDoing(event.phase, event.component)}  ${progressText(event.doneBytes, event.totalBytes, step.meter.bytesPerSecond)}`;
        return refresh();
      }
      case 'step-end':
        open.get(event.component)?.line.end(phaseDone(event.phase, event.component, event.durationMs, event.detail));
        open.delete(event.component);
        return refresh();
      case 'proof-start': {
        const title = `proving ${event.index + 1} of ${event.count}: ${event.program}`;
        if (proofStartedAt !== undefined) return proof?.set(title);
        proofStartedAt = now();
        failedPrograms = 0;
        proof = begin(title);
        return undefined;
      }
      case 'proof-end':
        if (!event.ok) failedPrograms += 1;
        return undefined;
      case 'done':
        return undefined;
    }
  };

  return {
    emit,
    async close(failed) {
      if (proofStartedAt !== undefined && proof !== undefined) {
        if (failed || failedPrograms > 0) proof.end(failedPrograms > 0 ? `${failedPrograms} of the proof programs failed` : proof.title, 'failed');
        else proof.end(`proved in ${formatDuration(now() - proofStartedAt)}`);
      }
      // What was under way when something else failed; nothing may be left that waits for its end.
      for (const { line, text } of open.values()) line.end(text, failed ? 'failed' : 'done');
      open.clear();
      await drawing;
    },
  };
}
