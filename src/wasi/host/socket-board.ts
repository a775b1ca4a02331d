// What the program's thread and the socket thread share: a board of numbers that one reads while the other sleeps, and
// the questions that go from the one to the other. Node's sockets answer only to an event loop, and the thread a
// program runs on has none; so a second thread owns them, and the first sleeps on the board until something changed.

/** `[0]` counts changes; then each socket has a row of three numbers. */
export const enum Board {
  changes = 0,
  firstRow = 4,
  rowLength = 3,
  /** In a row: what can be read (bytes), or how many connections wait to be accepted. */
  readable = 0,
  flags = 1,
}

export const enum RowFlags {
  /** Nothing more will come. */
  ended = 1,
  /** Written bytes are still on their way to the host. */
  writing = 2,
  /** Something went wrong that nobody has been told yet. */
  failed = 4,
}

export const MOST_SOCKETS = 1024;
export const BOARD_NUMBERS = Board.firstRow + MOST_SOCKETS * Board.rowLength;
export const rowOf = (socket: number): number => Board.firstRow + socket * Board.rowLength;

/** The most bytes that go over in one question, and that are read ahead for a program that is slow. */
export const PIECE_BYTES = 65_536;

export type Question =
  | { readonly op: 'accept'; readonly socket: number }
  | { readonly op: 'read'; readonly socket: number; readonly length: number; readonly keep: boolean }
  | { readonly op: 'write'; readonly socket: number; readonly bytes: Uint8Array; readonly wait: boolean }
  | { readonly op: 'shutdown'; readonly socket: number }
  | { readonly op: 'close'; readonly socket: number }
  | { readonly op: 'finish' };

/** `code` is a host error's; `socket` an accepted one's number. */
export interface Answer {
  readonly code?: string;
  readonly bytes?: Uint8Array;
  readonly socket?: number;
}

export interface ListenAddress {
  /** A name or address; `127.0.0.1` reaches this machine alone. */
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

/** What the thread says once, before the program starts: where it listens, or which address it could not have. */
export type Opened =
  | { readonly addresses: readonly ListenAddress[] }
  | { readonly failed: number; readonly code: string; readonly message: string };
