// The plain tar that a bundle is: a header of 512 bytes before each file. Written in the oldest form every tar reads
// (ustar), and read by looking from header to header, so that one file of a gigabyte is found in a few hundred reads.
// Nothing is unpacked by name here: a reader asks for a path it knows and gets the bytes between two positions.
// spec: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar's long names ('L')
import { open, type FileHandle } from 'node:fs/promises';

const BLOCK = 512;
/** The most entries and the longest extended header a bundle is read with. */
const MOST_ENTRIES = 100_000;
const LONGEST_NAME = 64 << 10;

export interface TarPlace {
  readonly position: number;
  readonly sizeBytes: number;
}

/** What is no tar, in words. */
export class NotTar extends Error {}

/** Every regular file of a tar, by its path. @throws NotTar, and what the file system says */
export async function indexTar(file: string): Promise<ReadonlyMap<string, TarPlace>> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    return await readIndex(handle, size);
  } finally {
    await handle.close();
  }
}

async function readIndex(handle: FileHandle, fileBytes: number): Promise<ReadonlyMap<string, TarPlace>> {
  const found = new Map<string, TarPlace>();
  let longName: string | null = null;
  let longSize: number | null = null;
  let position = 0;
  for (let count = 0; position + BLOCK <= fileBytes; count += 1) {
    const header = await readBytes(handle, position, BLOCK);
    if (header.every((byte) => byte === 0)) return found;
    if (count === 0 && header[0] === 0x1f && header[1] === 0x8b) throw new NotTar('it is compressed; unzip it first (what is inside is compressed already)');
    if (count >= MOST_ENTRIES) throw new NotTar(`it has more than ${MOST_ENTRIES} entries`);
    if (!checksumFits(header)) throw new NotTar(count === 0 ? 'it is no tar archive' : `the header at byte ${position} is damaged`);
    const type = String.fromCharCode(header[156]!);
    const isMeta = type === 'L' || type === 'x' || type === 'g' || type === 'K';
    const sizeBytes: number = isMeta ? numberAt(header, 124, 12) : (longSize ?? numberAt(header, 124, 12));
    const start = position + BLOCK;
    if (start + sizeBytes > fileBytes) throw new NotTar('its end is missing');
    if (isMeta) {
      if (sizeBytes > LONGEST_NAME) throw new NotTar('an extended header is larger than any honest one');
      const text = (await readBytes(handle, start, sizeBytes)).toString('utf8');
      if (type === 'L') longName = text.replace(/\0.*$/s, '');
      if (type === 'x') {
        const fields = paxFields(text);
        longName = fields.get('path') ?? longName;
        const size = fields.get('size');
        if (size !== undefined && /^\d{1,15}$/.test(size)) longSize = Number(size);
      }
    } else {
      const name = (longName ?? nameOf(header)).replace(/^(\.\/)+/, '');
      if ((type === '0' || type === '\0') && name !== '') found.set(name, { position: start, sizeBytes });
      longName = longSize = null;
    }
    position = start + Math.ceil(sizeBytes / BLOCK) * BLOCK;
  }
  throw new NotTar('its end is missing');
}

async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead < length) throw new NotTar('its end is missing');
  return bytes;
}

function nameOf(header: Buffer): string {
  const [name, prefix] = [textAt(header, 0, 100), header.toString('latin1', 257, 262) === 'ustar' ? textAt(header, 345, 155) : ''];
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textAt(header: Buffer, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** Octal digits, or for more than 8 GB GNU's binary form, which begins with a bit no digit has. */
function numberAt(header: Buffer, offset: number, length: number): number {
  if (header[offset]! === 0x80) {
    const value = header.subarray(offset + 1, offset + length).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw new NotTar('a size in it is no size');
    return value;
  }
  const text = textAt(header, offset, length).trim();
  if (!/^[0-7]*$/.test(text)) throw new NotTar('a size in it is no number');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function checksumFits(header: Buffer): boolean {
  const text = textAt(header, 148, 8).trim();
  return /^[0-7]+$/.test(text) && Number.parseInt(text, 8) === checksum(header);
}

function checksum(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

function paxFields(text: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(text, 'utf8');
  const fields = new Map<string, string>();
  for (let at = 0; at < bytes.byteLength; ) {
    const length = /^(\d{1,9}) /.exec(bytes.toString('latin1', at, at + 12));
    if (length === null || Number(length[1]) <= length[0].length) break;
    const record = bytes.toString('utf8', at + length[0].length, at + Number(length[1])).replace(/\n$/, '');
    const equals = record.indexOf('=');
    if (equals > 0) fields.set(record.slice(0, equals), record.slice(equals + 1));
    at += Number(length[1]);
  }
  return fields;
}

/** The header of a regular file. Times are zero, so that the same content gives the same bundle. */
export function tarHeader(name: string, sizeBytes: number): Buffer {
  const blocks: Buffer[] = [];
  const fields = split(name);
  if (fields === null) {
    const record = paxRecord('path', name);
    blocks.push(header('pax-header', record.byteLength, 'x'), record, padding(record.byteLength));
  }
  const [prefix, short] = fields ?? ['', Buffer.from(name).subarray(0, 100).toString('latin1')];
  blocks.push(header(short, sizeBytes, '0', prefix));
  return Buffer.concat(blocks);
}

/** What fills the last block of a file. */
export function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK);
}

/** What ends a tar. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** A name as prefix and rest, cut at a slash so that both fit; null when they do not. */
function split(name: string): readonly [prefix: string, short: string] | null {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const [prefix, short] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(short) <= 100 && short !== '') return [prefix, short];
  }
  return null;
}

function header(name: string, sizeBytes: number, type: string, prefix = ''): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number): void => void block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, length, 'latin1');
  block.write(name, 0, 100, 'utf8');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (sizeBytes < 8 ** 11) octal(sizeBytes, 124, 12);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  octal(0, 136, 12);
  block.write(type, 156, 1, 'latin1');
  block.write('ustar\x0000', 257, 8, 'latin1');
  block.write(prefix, 345, 155, 'utf8');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

function paxRecord(key: string, value: string): Buffer {
  const body = ` ${key}=${value}\n`;
  const bodyBytes = Buffer.byteLength(body);
  let length = bodyBytes + 1;
  while (String(length).length + bodyBytes !== length) length = String(length).length + bodyBytes;
  return Buffer.from(`${length}${body}`);
}
