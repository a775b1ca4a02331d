// A module that is valid and that this Node does not take: what it needs, and the Node that has it. V8's message names the
// place, and where that is an instruction the table of instructions knows its feature; types and limits are told by words.
import { WASM_FEATURES, type WasmFeature } from '../../base/wasm-features.js';
import { readInstruction } from '../../wasm/binary/immediates.js';
import { Reader } from '../../wasm/binary/reader.js';
import { Unsupported } from '../../wasm/errors.js';

/** What V8 says of a feature it does not have, told best first: `heap type` it says of more than one. */
const WORDS: readonly (readonly [feature: string, words: RegExp])[] = [
  ['memory64', /memory64|limits flags/],
  ['multi-memory', /memory count|multi.?memory/],
  ['extended-const', /constant expression|extended.const/],
  ['relaxed-simd', /relaxed/],
  ['function-references', /typed.funcref|indexed heap type/],
  // `noextern`: so V8 11 calls the heap type of `exnref`.
  ['exceptions', /exnref|exn\b|opcode 0x1f|opcode 0x0a|'noextern'/],
  ['gc', /\bgc\b|type code 0x|heap type/],
];

/** E_UNSUPPORTED for a CompileError about a module that we have found valid. */
export function unknownToNode(error: Error, bytes: Uint8Array): Unsupported {
  const here = process.versions.node;
  // A newer Node that still refuses it has another reason, and then its words are all we know.
  const lacking = (name: string | undefined): WasmFeature | undefined => {
    const feature = WASM_FEATURES[name ?? ''];
    return feature !== undefined && Number(here.split('.')[0]) < feature.node ? feature : undefined;
  };
  const known = lacking(instructionFeature(error.message, bytes)) ?? lacking(WORDS.find(([, words]) => words.test(error.message))?.[0]);
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
