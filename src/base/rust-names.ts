// Names of Rust's functions as linkers see them, back to paths (the older of two manglings, which rustc uses unless told
// otherwise). Pure.

/** Every part is preceded by its length, the last is a hash: `_ZN3std9panicking9panicking17h0123456789abcdefE`. */
const MANGLED = /^_?_?ZN((?:\d+[\w.$]+)+)17h[0-9a-f]{16}E(?:\.llvm\.[0-9A-F]+)?$/;
const ESCAPES: Readonly<Record<string, string>> = { SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' };

/** `std::panicking::panicking`; any other name stays as it is. */
export function readableName(name: string): string {
  const match = MANGLED.exec(name);
  if (match === null) return name;
  const parts: string[] = [];
  for (let rest = match[1]!; rest !== ''; ) {
    const digits = /^\d+/.exec(rest)?.[0];
    if (digits === undefined) return name;
    const end = digits.length + Number(digits);
    if (end > rest.length) return name;
    parts.push(unescaped(rest.slice(digits.length, end)));
    rest = rest.slice(end);
  }
  return parts.join('::');
}

const unescaped = (part: string): string =>
  (part.startsWith('_$') ? part.slice(1) : part)
    .replace(/\$(?:u([0-9a-f]{1,6})|([A-Z]+))\$/g, (whole, code: string | undefined, word: string | undefined) =>
      code === undefined ? (ESCAPES[word!] ?? whole) : parseInt(code, 16) <= 0x10ffff ? String.fromCodePoint(parseInt(code, 16)) : whole)
    .replaceAll('..', '::');
