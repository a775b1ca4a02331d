// Damage to WebAssembly texts: the same for the same seed. Tokens are swapped, lost, doubled, replaced by others of the
// language, numbers pushed to their edges, bytes flipped, ends cut off.
import type { Random } from './random.js';

const WORDS = [
  ...'( ) $x $f $l $"q" "" "a\\00" 0 1 -1 4294967295 4294967296 0x8000_0000_0000_0000 18446744073709551616 nan inf nan:0x1 -0x1.8p-3 1e999 offset=1 align=8 align=3'.split(' '),
  ...'module func type rec sub final struct array field mut param result local import export memory table global tag elem data start declare item offset'.split(' '),
  ...'i32 i64 f32 f64 v128 i8 i16 funcref externref anyref (ref null) shared (then (else (do (catch (catch_all (type (result (param (rec (sub (field'.split(' '),
  ...'block loop if else end try try_table catch catch_all delegate rethrow br br_if br_table return call call_indirect select drop unreachable'.split(' '),
  ...'local.get i32.const i64.const f32.const v128.const i8x16 i32x4 i8x16.shuffle ref.null ref.func ref.test br_on_cast struct.new struct.get array.new_fixed memory.init table.copy v128.load8_lane i32.atomic.rmw.add'.split(' '),
  ';;', '(;', ';)', '(@custom "x")', '(@name "y")', '(@', '\\', '"', '$', ',', '\u0000', 'é', '\n',
];

const NUMBERS = ['0', '1', '2', '3', '15', '16', '127', '128', '255', '256', '65535', '65536', '2147483647', '2147483648', '4294967295', '4294967296', '18446744073709551615', '1_0', '0x7f'];
const TYPES = ['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref', 'anyref', 'nullref', 'exnref', '(ref 0)', '(ref null 1)', '(ref any)'];
const INSTRUCTIONS = ['i32.add', 'i64.clz', 'f32.sqrt', 'drop', 'nop', 'unreachable', 'select', 'ref.i31', 'memory.size', 'i8x16.add', 'local.get 0', 'i32.load', 'memory.copy', 'table.fill'];

function replaceOne(tokens: string[], places: readonly number[], by: readonly string[], random: Random): void {
  if (places.length > 0) tokens[random.pick(places)] = random.pick(by);
}

const TOKEN = /"(?:\\.|[^"\\\n])*"|\(@?|\)|[^\s()"]+|\s+/gu;

export function damageText(text: string, random: Random): string {
  const tokens: string[] = text.match(TOKEN) ?? [];
  const ofKind = (pattern: RegExp): readonly number[] => tokens.flatMap((token, index) => (pattern.test(token) ? [index] : []));
  const place = (): number => random.below(Math.max(1, tokens.length));
  for (let left = 1 + random.below(2); left > 0; left--) {
    switch (random.below(12)) {
      case 0: tokens.splice(place(), 1 + random.below(3)); break;
      case 1: tokens.splice(place(), 0, ` ${WORDS[random.below(WORDS.length)]!} `); break;
      case 2: tokens[place()] = ` ${WORDS[random.below(WORDS.length)]!} `; break;
      case 3: {
        const [a, b] = [place(), place()];
        [tokens[a], tokens[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
        break;
      }
      case 4: {
        const from = place();
        tokens.splice(place(), 0, ...tokens.slice(from, from + random.below(12)));
        break;
      }
      case 5: tokens.length = place(); break;
      case 6: {
        const at = place();
        const token = tokens[at] ?? '';
        const cut = random.below(token.length + 1);
        tokens[at] = token.slice(0, cut) + String.fromCharCode(random.below(0x180)) + token.slice(cut + random.below(2));
        break;
      }
      // These often leave a text that can still be read.
      case 7: replaceOne(tokens, ofKind(/^\d/), NUMBERS, random); break;
      case 8: replaceOne(tokens, ofKind(/^[if](32|64)$|ref$/), TYPES, random); break;
      case 9: replaceOne(tokens, ofKind(/^[a-z]\w+\./), INSTRUCTIONS, random); break;
      case 10: replaceOne(tokens, ofKind(/^\s/), [' (; ( " ;) ', ' ;; ) \n', ' (@x (y) "z") ', '\t\r\n'], random); break;
      default: tokens.splice(place(), 0, ')'.repeat(random.below(3)), '('.repeat(random.below(3)));
    }
  }
  return tokens.join('');
}
