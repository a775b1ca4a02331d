// A module that is valid and that this Node does not take: what it needs, and the Node that has it. V8's message names the
// place, and where that is an instruction the table of instructions knows its feature; types and limits are told by words.
import { readInstruction } from '../../wasm/binary/immediates.js';
import { Reader } from '../../wasm/binary/reader.js';
import { Unsupported } from '../../wasm/errors.js';

interface Feature {
  readonly what: string;
  /** The first even or current Node whose V8 has it without a flag. */
  readonly node: number;
  readonly words: RegExp;
}

const FEATURES: Readonly<Record<string, Feature>> = {
  'relaxed-simd': { what: 'relaxed vector instructions', node: 22, words: /relaxed/ },
  exceptions: {
    what: 'exceptions with `try_table`',
    node: 25,
    // `noextern`: so V8 11 calls the heap type of `exnref`.
    words: /exnref|exn\b|opcode 0x1f|opcode 0x0a|'noextern'/,
  },
  memory64: { what: '64-bit memories and tables', node: 24, words: /memory64|limits flags/ },
  'multi-memory': { what: 'several memories', node: 22, words: /memory count|multi.?memory/ },
  'extended-const': { what: 'arithmetic in constant expressions', node: 22, words: /constant expression|extended.const/ },
  gc: { what: 'garbage collection (structures and arrays)', node: 22, words: /\bgc\b|type code 0x|heap type/ },
  'function-references': { what: 'typed function references', node: 22, words: /typed.funcref|indexed heap type/ },
};
/** What words tell best; `heap type` comes last, because V8 says it of more than one feature. */
const BY_WORDS = ['memory64', 'multi-memory', 'extended-const', 'relaxed-simd', 'function-references', 'exceptions', 'gc'];

/** E_UNSUPPORTED for a CompileError about a module that we have found valid. */
export function unknownToNode(error: Error, bytes: Uint8Array): Unsupported {
  const feature = FEATURES[instructionFeature(error.message, bytes) ?? ''] ?? FEATURES[BY_WORDS.find((name) => FEATURES[name]!.words.test(error.message)) ?? ''];
  const here = process.versions.node;
  // A newer Node that still refuses it has another reason, and then its words are all we know.
  const known = feature !== undefined && Number(here.split('.')[0]) < feature.node ? feature : undefined;
  const what = known === undefined ? 'a feature that this Node.js does not run' : `${known.what}, which this Node.js does not run`;
  return new Unsupported(`the module uses ${what}`, {
    where: [['node', here], ['said', error.message.replace(/^WebAssembly\.Module\(\): /, '')]],
    next: `run it on the interpreter, without \`--engine host\` and \`--cross-check\`${known === undefined ? ', or with a newer Node.js' : `, or with Node.js ${known.node} or newer`}`,
    cause: error,
  });
}

function instructionFeature(message: string, bytes: Uint8Array): string | undefined {
  const position = /Compiling function .*@\+(\d+)/.exec(message)?.[1];
  if (position === undefined) return undefined;
  try {
    return readInstruction(new Reader(bytes, Number(position))).info.feature;
  } catch {
    return undefined;
  }
}
