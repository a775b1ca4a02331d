// Writes tar archives byte by byte, so that tests can craft what no honest tool would: any path, type, mode or size.
import { gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly path: string;
  readonly data?: Uint8Array | string;
  /** The typeflag: '0' file, '1' hard link, '2' symbolic link, '3' character device, '5' directory, '6' fifo, 'x' pax. */
  readonly type?: string;
  readonly mode?: number;
  readonly linkPath?: string;
  /** Claimed size, where it is to differ from the data's. */
  readonly claimedBytes?: number;
}

/** One entry: its header block and its data, padded. */
export function tarEntry(entry: TarEntry): Buffer {
  const data = Buffer.from(entry.data ?? '');
  const header = Buffer.alloc(512);
  const text = (value: string, offset: number, length: number): void => void header.write(value, offset, length, 'utf8');
  const octal = (value: number, offset: number, length: number): void => text(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, length);
  text(entry.path, 0, 100);
  octal(entry.mode ?? 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.claimedBytes ?? data.byteLength, 124, 12);
  octal(0, 136, 12);
  text(entry.type ?? '0', 156, 1);
  text(entry.linkPath ?? '', 157, 100);
  text('ustar\x0000', 257, 8);
  header.fill(' ', 148, 156);
  octal(header.reduce((sum, byte) => sum + byte, 0), 148, 7);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.byteLength % 512)) % 512)]);
}

/** A whole archive with its two closing blocks. */
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]);
}

export function tgz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(tar(entries), { level: 1 });
}

/** A pax extended header that gives the next entry a path of any length and content. */
export function paxPath(path: string): TarEntry {
  return paxRecord('path', path);
}

/** A pax extended header with one record. */
export function paxRecord(key: string, value: string): TarEntry {
  const body = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(body) + 1;
  while (Buffer.byteLength(String(length)) + Buffer.byteLength(body) !== length) length += 1;
  return { path: 'PaxHeader', type: 'x', data: `${length}${body}` };
}
