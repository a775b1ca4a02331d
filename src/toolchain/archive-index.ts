// Static libraries (`ar` archives) as far as setup must know them: which symbols one defines, and a copy of one with an
// object more. Pure: bytes in, bytes out. Only the format LLVM writes for WebAssembly: GNU's, with a 32-bit index.
// format: llvm-project llvm/lib/Object/ArchiveWriter.cpp (`K_GNU`); ar(5)

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

interface Index {
  readonly symbols: readonly string[];
  readonly offsets: readonly number[];
  /** Where the members behind the index begin. */
  readonly endOffset: number;
}

/** The symbols an archive defines for others; null for what is no archive with an index. */
export function definedSymbols(archive: Buffer): ReadonlySet<string> | null {
  const index = readIndex(archive);
  return index === null ? null : new Set(index.symbols);
}

/** The archive with one object behind the others, its symbols in the index; null for a format that is not understood. */
export function withObject(archive: Buffer, name: string, object: Buffer, symbols: readonly string[]): Buffer | null {
  const index = readIndex(archive);
  if (index === null) return null;
  const members = archive.subarray(index.endOffset);
  const indexBytes = (count: number, text: number): number => HEADER_BYTES + even(4 + 4 * count + text);
  const texts = Buffer.from([...index.symbols, ...symbols].map((symbol) => `${symbol}\0`).join(''), 'latin1');
  const start = MAGIC.length + indexBytes(index.symbols.length + symbols.length, texts.length);
  const moved = start - index.endOffset;
  const offsets = [...index.offsets.map((offset) => offset + moved), ...symbols.map(() => start + members.length)];
  const body = Buffer.alloc(even(4 + 4 * offsets.length + texts.length));
  body.writeUInt32BE(offsets.length, 0);
  offsets.forEach((offset, at) => body.writeUInt32BE(offset, 4 + 4 * at));
  texts.copy(body, 4 + 4 * offsets.length);
  return Buffer.concat([
    Buffer.from(MAGIC), header('/', body.length), body, members,
    header(`${name}/`, object.length), object, Buffer.alloc(even(object.length) - object.length, '\n'),
  ]);
}

function readIndex(archive: Buffer): Index | null {
  if (archive.subarray(0, MAGIC.length).toString('latin1') !== MAGIC || archive.length < MAGIC.length + HEADER_BYTES) return null;
  const name = archive.toString('latin1', MAGIC.length, MAGIC.length + 16).trimEnd();
  const size = Number(archive.toString('latin1', MAGIC.length + 48, MAGIC.length + 58).trim());
  const at = MAGIC.length + HEADER_BYTES;
  if (name !== '/' || !Number.isSafeInteger(size) || size < 4 || at + size > archive.length) return null;
  const count = archive.readUInt32BE(at);
  if (4 + 4 * count > size) return null;
  const offsets = Array.from({ length: count }, (_, each) => archive.readUInt32BE(at + 4 + 4 * each));
  const symbols = archive.toString('latin1', at + 4 + 4 * count, at + size).split('\0').slice(0, count);
  return symbols.length < count ? null : { symbols, offsets, endOffset: at + even(size) };
}

function header(name: string, size: number): Buffer {
  const field = (value: string | number, width: number): string => String(value).padEnd(width);
  // No date, owner 0: the same bytes on every machine.
  return Buffer.from(`${field(name, 16)}${field(0, 12)}${field(0, 6)}${field(0, 6)}${field(644, 8)}${field(size, 10)}\`\n`, 'latin1');
}

const even = (size: number): number => size + (size % 2);
