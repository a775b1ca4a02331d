// Function bodies and constant expressions as lines of text: flat, an instruction a line, or folded, operands inside.
// Nesting of the code lives in stacks here, never in JavaScript's, and deep code stops being indented further.
import { readInstruction, type Instruction, type TryTableArgument } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import type { Expression } from '../module.js';
import type { BlockType } from '../types.js';
import { arityOf, blockArity, type Arity, type AritySource } from './arity.js';
import type { InstructionPrinter } from './print-instruction.js';
import { isIdentifier, nameAnnotation } from './print-names.js';
import { identifier } from './quote.js';

/** Deeper lines are not indented further: a hundred thousand blocks would make lines of a hundred thousand spaces. */
const MAX_INDENT = 32;
/** A folded instruction that is longer than this with its operands gets a line for each of them. */
const LINE_WIDTH = 90;

export const indentation = (depth: number): string => '  '.repeat(Math.min(depth, MAX_INDENT));

type StructureKind = 'open' | 'middle' | 'end' | 'delegate' | null;

function structureOf(mnemonic: string): StructureKind {
  switch (mnemonic) {
    case 'block': case 'loop': case 'if': case 'try': case 'try_table': return 'open';
    case 'else': case 'catch': case 'catch_all': return 'middle';
    case 'end': return 'end';
    case 'delegate': return 'delegate';
    default: return null;
  }
}

/** Identifiers of labels of one function, by order of opening; ` $l`, with an annotation where the name is none. */
const bindLabel = (name: string | undefined): string => (name === undefined ? '' : isIdentifier(name) ? ` ${identifier(name)}` : nameAnnotation(name));

/** Opens a structured instruction: its header, and from now on its label. */
function open(printer: InstructionPrinter, instruction: Instruction, labelNames: ReadonlyMap<number, string> | undefined, opened: number): string {
  const name = labelNames?.get(opened);
  const header = `${instruction.info.mnemonic}${bindLabel(name)}${printer.structuredType(instruction)}`;
  printer.labels.push({ name, number: opened + 1 });
  return header;
}

/** An instruction a line, without the final `end`. */
export function flatLines(code: Expression, printer: InstructionPrinter, labelNames: ReadonlyMap<number, string> | undefined, depth: number): string[] {
  const lines: string[] = [];
  const reader = new Reader(code.bytes, code.start, code.end);
  let opened = 0;
  while (reader.position < code.end) {
    const instruction = readInstruction(reader);
    const { labels } = printer;
    const level = depth + labels.count;
    switch (structureOf(instruction.info.mnemonic)) {
      case 'open': {
        const header = open(printer, instruction, labelNames, opened++);
        const { name, number } = labels.at(0)!;
        lines.push(`${indentation(level)}${header}${name === undefined || !isIdentifier(name) ? `  ;; label = @${number}` : ''}`);
        break;
      }
      case 'middle':
        lines.push(indentation(level - 1) + printer.text(instruction));
        break;
      case 'end':
        if (labels.count === 0) return lines;
        labels.pop();
        lines.push(`${indentation(level - 1)}end`);
        break;
      case 'delegate':
        labels.pop();
        lines.push(indentation(level - 1) + printer.text(instruction));
        break;
      default:
        lines.push(indentation(level) + printer.text(instruction));
    }
  }
  return lines;
}

/** The instructions of a constant expression: each one's text, and whether one pair of parentheses may hold it all. */
export function expressionText(code: Expression, printer: InstructionPrinter): { text: string; isSingle: boolean } {
  const lines = flatLines(code, printer, undefined, 0).map((line) => line.trim().replace(/ {2};; label = @\d+$/, ''));
  return { text: lines.join(' '), isSingle: lines.length === 1 };
}

interface Part {
  /** `then`, `catch $tag` …; null for the body of a block, which has no parentheses of its own. */
  readonly head: string | null;
  readonly nodes: FoldedNode[];
}

interface FoldedNode {
  readonly head: string;
  readonly operands: readonly FoldedNode[];
  readonly parts: readonly Part[];
  /** Values it leaves. */
  readonly results: number;
  /** Characters on one line; infinite when it has parts. */
  readonly width: number;
}

/** A structured instruction in the making. */
interface OpenNode {
  readonly head: string;
  readonly operands: readonly FoldedNode[];
  readonly parts: Part[];
  readonly arity: Arity;
  /** Of its label. */
  readonly branchArity: number;
}

function takeOperands(nodes: FoldedNode[], wanted: number): FoldedNode[] {
  let from = nodes.length;
  while (nodes.length - from < wanted && from > 0 && nodes[from - 1]!.results === 1) from--;
  return nodes.splice(from);
}

function makeNode(head: string, operands: readonly FoldedNode[], parts: readonly Part[], results: number): FoldedNode {
  const width = parts.length > 0 ? Infinity : operands.reduce((sum, operand) => sum + operand.width + 1, head.length + 2);
  return { head, operands, parts, results, width };
}

/** The context folding asks about, for one function; `labelArity` is filled in while the body is walked. */
export type BodyAritySource = Omit<AritySource, 'labelArity'>;

/** Operands inside their instruction's parentheses. */
export function foldedLines(code: Expression, printer: InstructionPrinter, labelNames: ReadonlyMap<number, string> | undefined, depth: number, source: BodyAritySource): string[] {
  const root: FoldedNode[] = [];
  const stack: OpenNode[] = [];
  const arities: AritySource = {
    ...source,
    labelArity: (label) => (label === stack.length ? source.returnArity : (stack.at(-1 - label)?.branchArity ?? 0)),
  };
  const current = (): FoldedNode[] => stack.at(-1)?.parts.at(-1)?.nodes ?? root;
  const close = (): void => {
    const { head, operands, parts, arity } = stack.pop()!;
    printer.labels.pop();
    current().push(makeNode(head, operands, parts, arity.results));
  };

  const reader = new Reader(code.bytes, code.start, code.end);
  let opened = 0;
  walk: while (reader.position < code.end) {
    const instruction = readInstruction(reader);
    const { mnemonic } = instruction.info;
    switch (structureOf(mnemonic)) {
      case 'open': {
        const head = open(printer, instruction, labelNames, opened++);
        const type = mnemonic === 'try_table' ? (instruction.immediates[0] as TryTableArgument).blockType : (instruction.immediates[0] as BlockType);
        const arity = blockArity(type, arities);
        const operands = mnemonic === 'if' ? takeOperands(current(), 1 + arity.operands) : [];
        const part = { head: mnemonic === 'if' ? 'then' : mnemonic === 'try' ? 'do' : null, nodes: [] };
        stack.push({ head, operands, parts: [part], arity, branchArity: mnemonic === 'loop' ? arity.operands : arity.results });
        break;
      }
      case 'middle':
        stack.at(-1)?.parts.push({ head: printer.text(instruction), nodes: [] });
        break;
      case 'end':
        if (stack.length === 0) break walk;
        close();
        break;
      case 'delegate': {
        // Its label is counted from outside of the `try`.
        const inner = printer.labels.pop();
        stack.at(-1)?.parts.push({ head: printer.text(instruction), nodes: [] });
        printer.labels.push(inner);
        close();
        break;
      }
      default: {
        const { operands, results } = arityOf(instruction, arities);
        const nodes = current();
        const taken = takeOperands(nodes, operands);
        nodes.push(makeNode(printer.text(instruction), taken, [], results));
      }
    }
  }
  return renderNodes(root, depth);
}

type Work = { readonly node: FoldedNode; readonly depth: number } | { readonly line: string; readonly depth: number } | 'close';

function renderNodes(nodes: readonly FoldedNode[], depth: number): string[] {
  const lines: string[] = [];
  const work: Work[] = [];
  const schedule = (more: readonly Work[]): void => {
    for (let index = more.length - 1; index >= 0; index--) work.push(more[index]!);
  };
  schedule(nodes.map((node) => ({ node, depth })));
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (next === 'close') lines[lines.length - 1] += ')';
    else if ('line' in next) lines.push(indentation(next.depth) + next.line);
    else if (next.node.width <= LINE_WIDTH) lines.push(indentation(next.depth) + inline(next.node));
    else {
      const { node } = next;
      lines.push(`${indentation(next.depth)}(${node.head}`);
      const inside = next.depth + 1;
      schedule([
        ...node.operands.map((operand) => ({ node: operand, depth: inside })),
        ...node.parts.flatMap(({ head, nodes: inner }): Work[] =>
          head === null ? inner.map((each) => ({ node: each, depth: inside })) : [{ line: `(${head}`, depth: inside }, ...inner.map((each) => ({ node: each, depth: inside + 1 })), 'close']),
        'close',
      ]);
    }
  }
  return lines;
}

/** On one line; its width bounds its depth. */
function inline(node: FoldedNode): string {
  return `(${node.head}${node.operands.map((operand) => ` ${inline(operand)}`).join('')})`;
}
