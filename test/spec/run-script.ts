// Runs the commands of one script against the engine and tells which of them failed, and how. A refusal must come from the
// right phase, and be in the words of the script; other words are no failure, but told apart.
// spec: the reference interpreter's README, "Scripts"
import { parseScript, type Action, type Command, type ModuleSource } from '../../dist/wasm/text/script.js';
import { countForms } from './forms.js';
import type { Detour, Failure, FileOutcome, Rewording } from './outcome.js';
import { decode, encode, instantiate, invoke, parse, phaseOf, print, read, validate, type Exports, type Module, type Phase, type Value } from './engine.js';
import { makeSpectest } from './spectest.js';
import { argumentOf, matches, showAll } from './values.js';

/** Why a command failed. */
class Unmet extends Error {}

export function runScript(file: string, bytes: Uint8Array, through: Detour): FileOutcome {
  const start = performance.now();
  const commands = parseScript(bytes);
  const runner = new ScriptRunner(file.startsWith('threads/'), through);
  const failures: Failure[] = [];
  for (const command of commands) {
    try {
      runner.run(command);
    } catch (thrown) {
      const reason = thrown instanceof Unmet ? thrown.message : `threw ${describe(thrown)}`;
      const feature = runner.missingFeature(thrown);
      failures.push({ file, line: command.line, command: command.kind, reason, ...(feature === null ? {} : { feature }) });
    }
  }
  const isOneModule = commands.length === 1 && commands[0]!.kind === 'module';
  const forms = isOneModule ? 1 : countForms(bytes);
  return {
    file, forms, commands: commands.length, assertions: commands.filter(({ kind }) => kind.startsWith('assert_')).length,
    passed: commands.length - failures.length, failures, rewordings: runner.rewordings.map((each) => ({ file, ...each })), ms: performance.now() - start,
  };
}

const describe = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  const place = thrown.stack?.split('\n').find((line) => line.includes('/dist/'))?.trim();
  return phaseOf(thrown) === null ? `${thrown.name}: ${thrown.message} ${place ?? ''}` : `${thrown.name}: ${thrown.message}`;
};

function afterDetour(module: Module, through: Detour): Module {
  switch (through) {
    case 'nothing':
      return module;
    case 'binary':
      return decode(encode(module));
    case 'text':
      return parse(print(module));
  }
}

/**
 * Whether our message opens with the script's. Ours sets a colon behind the words of the specification; where the script
 * goes on behind a colon of its own, it repeats one engine's stack printout, and the words before it are what counts.
 */
function agree(said: string, message: string): boolean {
  const words = message.replace(/: (instruction|block) requires .*/, '');
  return said.startsWith(words) || said.replace(': ', ' ').startsWith(words);
}

const NO_INSTANCE = 'the module before it failed';

class ScriptRunner {
  private readonly registry: Record<string, Exports> = {};
  private readonly definitions = new Map<string | null, Module>();
  private readonly instances = new Map<string | null, Exports>();

  readonly rewordings: Array<Omit<Rewording, 'file'>> = [];
  /** Of the command that runs. */
  private line = 0;
  /** The feature for want of which the last module, or the last command on it, failed. */
  private missing: string | null = null;

  constructor(
    withThreads: boolean,
    private readonly through: Detour,
  ) {
    this.registry['spectest'] = makeSpectest(withThreads);
  }

  run(command: Command): void {
    this.line = command.line;
    switch (command.kind) {
      case 'module':
        this.define(command.name, command.source);
        if (!command.isDefinition) this.instantiate(command.name, command.name);
        return;
      case 'instance':
        this.instantiate(command.name, command.definition);
        return;
      case 'register':
        this.registry[command.as] = this.instance(command.module);
        return;
      case 'action':
        this.act(command.action);
        return;
      case 'assert_return': {
        const actual = this.act(command.action);
        const { results } = command;
        if (actual.length !== results.length || !actual.every((value, index) => matches(value, results[index]!))) {
          throw new Unmet(`returned ${showAll(actual)}, expected ${showAll(results)}`);
        }
        return;
      }
      case 'assert_trap':
        this.expect('trap', command.message, () => this.act(command.action));
        return;
      case 'assert_exhaustion':
        this.expect('exhaustion', command.message, () => this.act(command.action));
        return;
      case 'assert_exception':
        this.expect('exception', '', () => this.act(command.action));
        return;
      case 'assert_trap_module':
        this.expectOfInstance('trap', command.message, command.source);
        return;
      case 'assert_unlinkable':
        this.expectOfInstance('link', command.message, command.source);
        return;
      case 'assert_malformed':
      case 'assert_malformed_custom':
        // Instructions of a binary are read when they are validated, and what is malformed in them shows then.
        this.expect('malformed', command.message, () => (command.source.kind === 'binary' ? validate(this.load(command.source)) : this.load(command.source)));
        return;
      case 'assert_invalid':
      case 'assert_invalid_custom': {
        const module = this.load(command.source);
        this.expect('invalid', command.message, () => validate(module));
        return;
      }
    }
  }

  private load(source: ModuleSource): Module {
    switch (source.kind) {
      case 'text':
        return afterDetour(source.parse(), this.through);
      case 'binary':
        return decode(source.bytes);
      case 'quote':
        return parse(source.text);
    }
  }

  /** Which feature of the engine is behind a failure: directly, or because the module to act on could not be had without it. */
  missingFeature(thrown: unknown): string | null {
    const feature = thrown instanceof Error ? /\(feature ([\w-]+)\)/.exec(thrown.message)?.[1] : undefined;
    if (feature !== undefined) this.missing = feature;
    return feature ?? (thrown instanceof Unmet && thrown.message === NO_INSTANCE ? this.missing : null);
  }

  private define(name: string | null, source: ModuleSource): void {
    // A module that cannot be had must not leave its predecessor to be tested in its place.
    for (const key of [null, name]) {
      this.definitions.delete(key);
      this.instances.delete(key);
    }
    const module = this.load(source);
    validate(module);
    this.definitions.set(name, module).set(null, module);
  }

  private instantiate(name: string | null, definition: string | null): void {
    const module = this.definitions.get(definition);
    if (module === undefined) throw new Unmet(`no module ${definition ?? 'yet'}`);
    for (const key of [null, name]) this.instances.delete(key);
    const instance = instantiate(module, this.registry);
    this.instances.set(name, instance).set(null, instance);
  }

  private instance(name: string | null): Exports {
    const instance = this.instances.get(name);
    if (instance === undefined) throw new Unmet(name === null ? NO_INSTANCE : `no instance ${name}`);
    return instance;
  }

  private act(action: Action): Value[] {
    const exported = this.instance(action.module)[action.name];
    if (exported === undefined) throw new Unmet(`no export ${JSON.stringify(action.name)}`);
    return action.kind === 'get' ? [read(exported)] : invoke(exported, action.args.map(argumentOf));
  }

  private expectOfInstance(phase: Phase, message: string, source: ModuleSource): void {
    const module = this.load(source);
    validate(module);
    this.expect(phase, message, () => instantiate(module, this.registry));
  }

  private expect(phase: Phase, message: string, act: () => unknown): void {
    let outcome: unknown;
    try {
      outcome = act();
    } catch (thrown) {
      if (thrown instanceof Unmet) throw thrown;
      const found = phaseOf(thrown);
      if (found !== phase) throw new Unmet(`expected ${phase} ${JSON.stringify(message)}, threw ${describe(thrown)}`);
      const said = (thrown as Error).message;
      if (!agree(said, message)) this.rewordings.push({ line: this.line, wanted: message, said });
      return;
    }
    throw new Unmet(`expected ${phase} ${JSON.stringify(message)}, ${Array.isArray(outcome) ? `returned ${showAll(outcome as Value[])}` : 'was accepted'}`);
  }
}
