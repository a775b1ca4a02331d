// What `wasienv inspect` says to people: the description of a module as lines under labels. Pure. Names in a module are the
// doing of whoever made it: none of their control characters reaches the terminal.
import { formatBytes, visible } from '../base/text.js';
import type { DescribedMemory, ModuleDescription } from '../inspect/about/describe.js';

/** Whether and how `wasienv run` can run it. */
export interface RunVerdict {
  readonly possible: boolean;
  /** What stands in the way. */
  readonly reason: string | null;
  readonly next: string | null;
  /** Options that give it what it can ask for. */
  readonly options: readonly string[];
}

const KINDS: Readonly<Record<ModuleDescription['kind'], string>> = {
  command: 'a command: it has a `_start`, and ends',
  reactor: 'a reactor: a library that wants `_initialize` called first',
  library: 'a library: nothing in it is a start',
  'object file': 'an object file, to be linked',
  'shared library': 'a shared library, for dynamic linking',
  component: 'a component (WASI preview 2 or later)',
};

const SHOWN = 12;
const PAGE_BYTES = 65_536;

export function inspectionLines(file: string, about: ModuleDescription, run: RunVerdict): string[] {
  const rows: Array<readonly [label: string, lines: readonly string[]]> = [
    ['is', [`${KINDS[about.kind]}; ${formatBytes(about.sizeBytes)} in ${about.form === 'text' ? 'text' : 'binary'} form`]],
    ['runs', runLines(file, run)],
    ['can', about.capabilities.length === 0 ? ['nothing: it imports nothing'] : about.capabilities.map(({ means, option, imports }) => `${means}${option === null ? '' : ` (${option})`}: ${some(imports)}`)],
    ['memory', about.memories.map(memoryLine)],
    ['uses', featureLines(about)],
    ['made by', producerLines(about)],
    ['sections', sectionLines(about)],
    ['functions', functionLines(about)],
    ['exports', about.exports.length === 0 ? [] : [some(about.exports.map(({ name, kind, type }) => (kind === 'func' ? `${name} ${type}` : `${name} (${kind})`)))]],
    ['debug', about.kind === 'component' ? [] : [debugLine(about)]],
  ];
  const shown = rows.filter(([, lines]) => lines.length > 0);
  const width = Math.max(...shown.map(([label]) => label.length)) + 3;
  return shown.flatMap(([label, lines]) => lines.map((line, at) => (at === 0 ? label : '').padEnd(width) + visible(line)));
}

function runLines(file: string, { possible, reason, next, options }: RunVerdict): string[] {
  if (possible) return [`wasienv run ${[...options, file].join(' ')}`];
  return [`not by \`wasienv run\`: ${reason}`, ...(next === null ? [] : next.split('\n'))];
}

/** The first of many names. */
function some(names: readonly string[]): string {
  return names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} … and ${names.length - SHOWN} more`;
}

function memoryLine({ initialPages, maximumPages, shared, addressBits, imported, exportedAs }: DescribedMemory): string {
  const most = maximumPages === null ? 'no maximum of its own' : maximumPages === initialPages ? 'never more' : `at most ${formatBytes(maximumPages * PAGE_BYTES)}`;
  const traits = [...(shared ? ['shared'] : []), ...(addressBits === 64 ? ['64-bit'] : []), ...(imported ? ['of its host'] : []), ...(exportedAs.length > 0 ? [`exported as ${exportedAs.join(', ')}`] : [])];
  return `${formatBytes(initialPages * PAGE_BYTES)} at the start (${initialPages === 1 ? '1 page' : `${initialPages} pages`}), ${most}${traits.map((each) => `; ${each}`).join('')}`;
}

function featureLines({ features, targetFeatures, kind }: ModuleDescription): string[] {
  if (kind === 'component') return [];
  const oldest = features.reduce((most, { node }) => Math.max(most, node), 20);
  const used = features.length === 0 ? 'the first version of WebAssembly, and nothing beyond it' : features.map(({ name, instructions }) => (instructions === 0 ? name : `${name} (${instructions})`)).join(', ');
  const lines = [used];
  if (oldest > 20) lines.push(`\`--engine host\` needs Node.js ${oldest} for ${features.filter(({ node }) => node === oldest).map(({ what }) => what).join(', ')}`);
  if (targetFeatures.length > 0) lines.push(`the linker says: ${targetFeatures.join(', ')}`);
  return lines;
}

function producerLines({ producers }: ModuleDescription): string[] {
  return Object.entries(producers).map(([field, list]) => `${field}: ${list.map(({ name, version }) => `${name}${version === '' ? '' : ` ${version}`}`).join(', ')}`);
}

function sectionLines({ sections }: ModuleDescription): string[] {
  const bySize = [...sections].sort((a, b) => b.sizeBytes - a.sizeBytes);
  return bySize.length === 0 ? [] : [some(bySize.map(({ name, custom, sizeBytes }) => `${custom ? `"${name}"` : name} ${formatBytes(sizeBytes)}`))];
}

function functionLines({ functions: { count, largest } }: ModuleDescription): string[] {
  if (count === 0) return [];
  return [`${count}; the largest: ${largest.map(({ name, index, sizeBytes }) => `${name ?? `function ${index}`} ${formatBytes(sizeBytes)}`).join(', ')}`];
}

function debugLine({ debug: { functionNames, sourceLines, sizeBytes, elsewhere } }: ModuleDescription): string {
  const names = functionNames > 0 ? 'names of functions' : 'no names of functions';
  const lines = sourceLines ? 'lines of the source' : 'no lines of the source';
  return `${names}, ${lines}${sizeBytes > 0 ? `; ${formatBytes(sizeBytes)} that no run needs` : ''}${elsewhere === null ? '' : `; more in ${elsewhere}, which is not read`}`;
}
