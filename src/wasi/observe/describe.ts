// A call as a person reads it: every argument and result decoded, by the type its row gives it, to text and to data for JSON.
// Numbers get the interface's names (abi.ts), descriptors the path they are open on, bytes are escaped and cut.
import * as abi from '../abi.js';
import type { Answer, ObservedCall } from '../call.js';
import { WasiError } from '../errors.js';
import { PREVIEW0 } from '../preview0.js';
import type { DescriptorNames } from './descriptor-names.js';
import { FILLING, isSending, piecesOf, subscriptionBytes } from './inputs.js';

export type Data = string | number | boolean | null | readonly Data[] | { readonly [name: string]: Data };

export interface Field {
  readonly name: string;
  readonly text: string;
  readonly data: Data;
}

/** What one knows before the call has answered. */
export function describeArguments(call: ObservedCall, names: DescriptorNames): Field[] {
  const { params, args } = call;
  const fields: Field[] = [];
  for (let index = 0; index < params.length; index += 1) {
    const [name, type] = params[index]!;
    if (type === 'result') continue;
    const following = args[index + 1] as number;
    if (type === 'path' || type === 'iovs' || type === 'ptr') {
      fields.push(inMemory(name, args[index] as number, () => describeMemory(call, names, type, args[index] as number, type === 'ptr' ? (args[2] as number) : following)));
      // Its length, which the text has.
      if (type !== 'ptr') index += 1;
    } else if (!(call.name === 'poll_oneoff' && name === 'nsubscriptions')) {
      fields.push({ name, ...scalar(call, names, type, args[index]!) });
    }
  }
  return fields;
}

/** What a call that succeeded has answered. */
export function describeResults(call: ObservedCall, { errno, exit }: Answer, names: DescriptorNames): Field[] {
  if (errno !== abi.Errno.success || exit !== undefined) return [];
  const describe = RESULTS[call.name];
  if (describe === undefined) return [];
  try {
    return describe({ ...call, memory: call.memory, at: (param) => call.args[call.params.findIndex(([name]) => name === param)] as number }, names);
  } catch (error) {
    // What the guest gave for results overlaps what it asked about.
    if (error instanceof WasiError) return [];
    throw error;
  }
}

function inMemory(name: string, address: number, describe: () => Omit<Field, 'name'>): Field {
  try {
    return { name, ...describe() };
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    const text = `0x${address.toString(16)} (outside memory)`;
    return { name, text, data: { address, fault: true } };
  }
}

function describeMemory(call: ObservedCall, names: DescriptorNames, type: 'path' | 'iovs' | 'ptr', address: number, count: number): Omit<Field, 'name'> {
  const { memory } = call;
  if (type === 'path') return { text: quoted(memory.slice(address, count), 4096), data: escaped(memory.slice(address, count), 4096) };
  if (type === 'ptr') return subscriptions(call, names, address, count);
  const pieces = piecesOf(memory, address, count);
  if (!isSending(call.name)) return { text: `[${list(pieces.map(({ length }) => String(length)))}]`, data: pieces.map(({ length }) => length) };
  const buffers = pieces.map((piece) => ({ bytes: memory.slice(piece.address, piece.length) }));
  return { text: `[${list(buffers.map(({ bytes }) => (bytes.length > SHOWN_BYTES ? `${quoted(bytes)} ${bytes.length}` : quoted(bytes))))}]`, data: buffers.map(({ bytes }) => ({ length: bytes.length, bytes: escaped(bytes) })) };
}

// ---- Values.

const SHOWN_BYTES = 64;
const SHOWN_ITEMS = 16;

const list = (items: readonly string[]): string => (items.length <= SHOWN_ITEMS ? items.join(', ') : `${items.slice(0, SHOWN_ITEMS).join(', ')}, … ${items.length} in all`);

const ESCAPES: Readonly<Record<number, string>> = { 0x0a: '\\n', 0x09: '\\t', 0x0d: '\\r', 0x22: '\\"', 0x5c: '\\\\' };

/** Printable ASCII as it is, text in UTF-8 as text, other bytes as `\xNN`; the beginning alone when it is long. */
export function escaped(bytes: Uint8Array, most = SHOWN_BYTES): string {
  let end = Math.min(bytes.length, most);
  // Not in the middle of a character.
  while (end < bytes.length && end > most - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  const shown = bytes.subarray(0, end);
  let text = '';
  for (const character of new TextDecoder('utf-8').decode(shown)) {
    // One byte that is no UTF-8 (or a character cut in two) spoils the view as text: then bytes it is.
    if (character === '\ufffd') return Array.from(shown, (byte) => ESCAPES[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hexByte(byte))).join('');
    const code = character.codePointAt(0)!;
    text += ESCAPES[code] ?? (code >= 0x20 && (code < 0x7f || code > 0x9f) && !/[\u2028-\u202e\u2066-\u2069\u200e\u200f]/.test(character) ? character : code < 0x100 ? hexByte(code) : `\\u${code.toString(16).padStart(4, '0')}`);
  }
  return text;
}

const hexByte = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;

const quoted = (bytes: Uint8Array, most = SHOWN_BYTES): string => `"${escaped(bytes, most)}"${bytes.length > most ? '…' : ''}`;

const nameIn = (table: Readonly<Record<string, number>>, value: number): string => Object.keys(table).find((name) => table[name] === value) ?? String(value);

/** `creat|trunc`, `0`, and what has no name in hexadecimal. */
function flagNames(table: Readonly<Record<string, number>>, value: number): string {
  const known = Object.keys(table).filter((name) => (value & table[name]!) !== 0);
  const rest = Object.values(table).reduce((left, bit) => left & ~bit, value);
  return value === 0 ? '0' : [...known, ...(rest === 0 ? [] : [`0x${(rest >>> 0).toString(16)}`])].join('|');
}

/** By name while they are few; what a C library asks for is nearly all of them. */
function rightsText(value: bigint): string {
  const names = Object.keys(abi.Rights).filter((name) => (value & BigInt(abi.Rights[name as keyof typeof abi.Rights])) !== 0n);
  return value === 0n ? '0' : names.length <= 3 && value < 1n << 30n ? names.join('|') : `0x${value.toString(16)}`;
}

const CLOCKS = { realtime: 0, monotonic: 1, process_cputime: 2, thread_cputime: 3 };
const ADVICE = { normal: 0, sequential: 1, random: 2, willneed: 3, dontneed: 4, noreuse: 5 };
const WHENCE0 = { cur: 0, end: 1, set: 2 };
const FLAGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  fdflags: abi.Fdflags,
  oflags: abi.Oflags,
  fstflags: abi.Fstflags,
  lookupflags: abi.Lookupflags,
  riflags: { recv_peek: 1, recv_waitall: 2 },
  siflags: {},
  sdflags: { rd: 1, wr: 2 },
};
const SIGNALS = [
  'none', 'hup', 'int', 'quit', 'ill', 'trap', 'abrt', 'bus', 'fpe', 'kill', 'usr1', 'segv', 'usr2', 'pipe', 'alrm', 'term', 'chld', 'cont', 'stop', 'tstp',
  'ttin', 'ttou', 'urg', 'xcpu', 'xfsz', 'vtalrm', 'prof', 'winch', 'poll', 'pwr', 'sys',
];

const descriptorText = (names: DescriptorNames, fd: number): string => {
  const name = names.of(fd);
  return name === undefined ? String(fd) : `${fd}${name.startsWith('<') ? name : `<${escaped(new TextEncoder().encode(name), 4096)}>`}`;
};
const descriptorData = (names: DescriptorNames, fd: number): Data => ({ fd, path: names.of(fd) ?? null });
const wide = (value: bigint): Data => (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value));
const word = (text: string): Omit<Field, 'name'> => ({ text, data: text });

function scalar({ snapshot }: ObservedCall, names: DescriptorNames, type: string, value: number | bigint): Omit<Field, 'name'> {
  const flags = FLAGS[type];
  if (flags !== undefined) return word(flagNames(flags, value as number));
  switch (type) {
    case 'fd': return { text: descriptorText(names, value as number), data: descriptorData(names, value as number) };
    case 'rights': return { text: rightsText(value as bigint), data: `0x${(value as bigint).toString(16)}` };
    case 'clockid': return word(nameIn(CLOCKS, value as number));
    case 'advice': return word(nameIn(ADVICE, value as number));
    case 'whence': return word(nameIn(snapshot === PREVIEW0 ? WHENCE0 : abi.Whence, value as number));
    case 'signal': return word(SIGNALS[value as number] ?? String(value));
    case 'exitcode': return { text: String((value as number) | 0), data: (value as number) | 0 };
    default: return { text: String(value), data: typeof value === 'bigint' ? wide(value) : value };
  }
}

function subscriptions({ memory, snapshot }: ObservedCall, names: DescriptorNames, address: number, count: number): Omit<Field, 'name'> {
  const size = subscriptionBytes(snapshot);
  const [clock, timeout, flags] = snapshot === PREVIEW0 ? [24, 32, 48] : [16, 24, 40];
  const items = Array.from({ length: Math.min(count, 1024) }, (_, index): Omit<Field, 'name'> => {
    const at = address + index * size;
    const type = memory.readU8(at + 8);
    if (type === abi.Eventtype.clock) {
      const ns = memory.readU64(at + timeout!);
      const absolute = (memory.readU16(at + flags!) & abi.Subclockflags.subscription_clock_abstime) !== 0;
      const id = nameIn(CLOCKS, memory.readU32(at + clock!));
      return { text: `${id} ${absolute ? 'at' : 'in'} ${ns} ns`, data: { clock: id, timeoutNs: wide(ns), absolute } };
    }
    const event = nameIn(abi.Eventtype, type);
    const fd = memory.readU32(at + 16);
    return { text: `${event} ${descriptorText(names, fd)}`, data: { event, ...(descriptorData(names, fd) as object) } };
  });
  return { text: `[${list(items.map(({ text }) => text))}]`, data: items.map(({ data }) => data) };
}

// ---- Results.

interface Answered extends ObservedCall {
  /** The argument of that name: an address. */
  readonly at: (param: string) => number;
}
type Describe = (call: Answered, names: DescriptorNames) => Field[];

const number32 = (param: string): Describe => ({ memory, at }) => [{ name: param, text: String(memory.readU32(at(param))), data: memory.readU32(at(param)) }];
const number64 = (param: string): Describe => ({ memory, at }) => [{ name: param, text: String(memory.readU64(at(param))), data: wide(memory.readU64(at(param))) }];
const both = (...parts: Describe[]): Describe => (call, names) => parts.flatMap((part) => part(call, names));
const bytesAt = (name: string, bytes: Uint8Array): Field => ({ name, text: quoted(bytes), data: escaped(bytes) });
const opened = (param: string): Describe => ({ memory, at }, names) => {
  const fd = memory.readU32(at(param));
  return [{ name: param, text: descriptorText(names, fd), data: descriptorData(names, fd) }];
};

/** The buffers of a list, as far as they were filled. */
const filled = (result: string): Describe => ({ memory, at, params, args }) => {
  const list = params.findIndex(([, type]) => type === 'iovs');
  const total = memory.readU32(at(result));
  let left = total;
  const head = new Uint8Array(Math.min(total, SHOWN_BYTES + 1));
  let used = 0;
  for (const { address, length } of piecesOf(memory, args[list] as number, args[list + 1] as number)) {
    const part = memory.slice(address, Math.min(length, left)).subarray(0, head.length - used);
    head.set(part, used);
    used += part.length;
    left -= Math.min(length, left);
    if (left === 0 || used === head.length) break;
  }
  return [{ name: result, text: String(total), data: total }, ...(total === 0 ? [] : [bytesAt('bytes', head)])];
};

/** NUL-terminated strings behind a list of pointers, which stand one after the other. */
const strings = (pointers: string, text: string): Describe => ({ memory, at }) => {
  const found: string[] = [];
  let next = at(text);
  for (let pointer = at(pointers); found.length < SHOWN_ITEMS && memory.readU32(pointer) === next; pointer += 4) {
    let length = 0;
    while (memory.readU8(next + length) !== 0 && length < 4096) length += 1;
    found.push(escaped(memory.slice(next, length), 256));
    next += length + 1;
  }
  return [{ name: pointers, text: `[${found.map((one) => `"${one}"`).join(', ')}]`, data: found }];
};

const filestat: Describe = ({ memory, at, snapshot }) => {
  const address = at('buf');
  const old = snapshot === PREVIEW0;
  const sizeAt = old ? 24 : 32;
  const type = nameIn(abi.Filetype, memory.readU8(address + 16));
  const nlink = old ? BigInt(memory.readU32(address + 20)) : memory.readU64(address + 24);
  const [size, atim, mtim, ctim] = [0, 8, 16, 24].map((more) => memory.readU64(address + sizeAt + more)) as [bigint, bigint, bigint, bigint];
  const [dev, ino] = [memory.readU64(address), memory.readU64(address + 8)];
  return [
    {
      name: 'buf',
      text: `{${type}, size=${size}, nlink=${nlink}, ino=${ino}, mtim=${mtim}}`,
      data: { dev: wide(dev), ino: wide(ino), filetype: type, nlink: wide(nlink), size: wide(size), atim: String(atim), mtim: String(mtim), ctim: String(ctim) },
    },
  ];
};

const fdstat: Describe = ({ memory, at }) => {
  const address = at('stat');
  const type = nameIn(abi.Filetype, memory.readU8(address));
  const flags = flagNames(abi.Fdflags, memory.readU16(address + 2));
  const [rights, inheriting] = [memory.readU64(address + 8), memory.readU64(address + 16)];
  return [
    {
      name: 'stat',
      text: `{${type}${flags === '0' ? '' : `, ${flags}`}, rights=${rightsText(rights)}}`,
      data: { filetype: type, flags, rights: `0x${rights.toString(16)}`, inheriting: `0x${inheriting.toString(16)}` },
    },
  ];
};

/** The names in a buffer of entries; the last may be cut. */
const entries: Describe = ({ memory, at }) => {
  // No more than there was room for, whatever another thread has written there since.
  const used = Math.min(memory.readU32(at('bufused')), at('buf_len'));
  const bytes = memory.slice(at('buf'), used);
  const view = new DataView(bytes.buffer, bytes.byteOffset, used);
  const found: string[] = [];
  for (let start = 0; start + abi.Sizes.dirent <= used; ) {
    const length = view.getUint32(start + 16, true);
    const name = bytes.subarray(start + abi.Sizes.dirent, start + abi.Sizes.dirent + length);
    if (name.length < length) break;
    found.push(escaped(name, 256));
    start += abi.Sizes.dirent + length;
  }
  return [{ name: 'bufused', text: String(used), data: used }, { name: 'entries', text: `[${list(found.map((name) => `"${name}"`))}]`, data: found }];
};

const events: Describe = ({ memory, at }) => {
  const count = Math.min(memory.readU32(at('nevents')), at('nsubscriptions'));
  const items = Array.from({ length: count }, (_, index) => {
    const address = at('out') + index * abi.Sizes.event;
    const event = nameIn(abi.Eventtype, memory.readU8(address + 10));
    const errno = memory.readU16(address + 8);
    const bytes = memory.readU64(address + 16);
    const ready = event === 'clock' ? '' : ` ${bytes} bytes`;
    return { text: errno === 0 ? `${event}${ready}` : `${event} ${abi.errnoName(errno)}`, data: { event, errno: abi.errnoName(errno), ...(event === 'clock' ? {} : { bytes: wide(bytes) }) } };
  });
  return [{ name: 'nevents', text: String(count), data: count }, { name: 'events', text: `[${list(items.map(({ text }) => text))}]`, data: items.map(({ data }) => data) }];
};

const RESULTS: Readonly<Record<string, Describe>> = {
  ...Object.fromEntries(Object.entries(FILLING).map(([name, result]) => [name, filled(result)])),
  args_get: strings('argv', 'argv_buf'),
  args_sizes_get: both(number32('argc'), number32('argv_buf_size')),
  environ_get: strings('environ', 'environ_buf'),
  environ_sizes_get: both(number32('environc'), number32('environ_buf_size')),
  clock_res_get: number64('resolution'),
  clock_time_get: number64('time'),
  random_get: ({ at }) => [{ name: 'bytes', text: `${at('buf_len')} bytes`, data: at('buf_len') }],
  fd_fdstat_get: fdstat,
  fd_filestat_get: filestat,
  fd_prestat_get: ({ memory, at }) => [
    { name: 'type', ...word(nameIn(abi.Preopentype, memory.readU8(at('buf')))) },
    { name: 'length', text: String(memory.readU32(at('buf') + 4)), data: memory.readU32(at('buf') + 4) },
  ],
  fd_prestat_dir_name: ({ memory, at }) => [bytesAt('path', memory.slice(at('path'), at('path_len')))],
  fd_pwrite: number32('nwritten'),
  fd_readdir: entries,
  fd_seek: number64('newoffset'),
  fd_tell: number64('offset'),
  fd_write: number32('nwritten'),
  path_filestat_get: filestat,
  path_open: opened('opened_fd'),
  path_readlink: ({ memory, at }) => [bytesAt('buf', memory.slice(at('buf'), memory.readU32(at('bufused'))))],
  poll_oneoff: events,
  sock_accept: opened('accepted_fd'),
  sock_send: number32('so_datalen'),
};
