// What a call read of the guest's memory: its paths, the data it writes, what it waits for. Two runs that make the same calls
// with the same arguments and inputs have done the same so far.
import { Sizes } from '../abi.js';
import type { ObservedCall } from '../call.js';
import { WasiError } from '../errors.js';
import { digest } from '../host/digest.js';
import type { Memory } from '../memory.js';
import { PREVIEW0 } from '../preview0.js';

export interface Piece {
  readonly address: number;
  readonly length: number;
}

/** Calls whose list of buffers is read. */
const SENDING = new Set(['fd_write', 'fd_pwrite', 'sock_send']);
export const isSending = (name: string): boolean => SENDING.has(name);
/** Calls that fill the buffers of their list, with the parameter that points to how many bytes they filled. */
export const FILLING: Readonly<Record<string, string>> = { fd_read: 'nread', fd_pread: 'nread', sock_recv: 'ro_datalen' };

/** Longer inputs are kept by their digest. */
const LONGEST_TEXT = 4096;

/** Preview 0's subscriptions are longer than preview 1's. */
export const subscriptionBytes = (snapshot: string): number => (snapshot === PREVIEW0 ? 56 : Sizes.subscription);

/** A list of buffers, as far as it lies in memory. */
export function piecesOf(memory: Memory, address: number, count: number): Piece[] {
  const pieces: Piece[] = [];
  for (let index = 0; index < Math.min(count, 1024); index += 1) {
    pieces.push({ address: memory.readU32(address + index * 8), length: memory.readU32(address + index * 8 + 4) });
  }
  return pieces;
}

/**
 * The inputs of a call, in the order of its parameters: a path as its text, other bytes as `LENGTH:DIGEST`, and `?` for
 * what lies outside memory.
 */
export function inputsOf(call: ObservedCall): string[] {
  const { name, params, args, memory, snapshot } = call;
  return params.flatMap(([, type], index): string[] => {
    const address = args[index] as number;
    const count = args[index + 1] as number;
    if (type === 'path') return [readable(() => pathText(memory.slice(address, count)))];
    if (type === 'iovs') {
      return [readable(() => {
        const pieces = piecesOf(memory, address, count);
        return digest(isSending(name) ? pieces.map((piece) => memory.slice(piece.address, piece.length)) : [memory.slice(address, Math.min(count, 1024) * 8)]);
      })];
    }
    if (type === 'ptr') return [readable(() => digest([memory.slice(address, (args[2] as number) * subscriptionBytes(snapshot))]))];
    return [];
  });
}

function readable(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof WasiError) return '?';
    throw error;
  }
}

function pathText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return bytes.length > LONGEST_TEXT || text.includes('\ufffd') ? digest([bytes]) : text;
}
