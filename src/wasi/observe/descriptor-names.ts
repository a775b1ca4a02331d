// What each descriptor of a program is open on, as the program calls it: learnt from the calls alone, so that it is known of
// a recording too.
import type { Answer, ObservedCall } from '../call.js';
import { Errno } from '../abi.js';
import { WasiError } from '../errors.js';

export class DescriptorNames {
  private readonly names = new Map<number, string>([[0, '<stdin>'], [1, '<stdout>'], [2, '<stderr>']]);

  /** `granted`: the names of the preopens in their order. */
  constructor(granted: readonly string[] = []) {
    granted.forEach((name, index) => this.names.set(3 + index, name));
  }

  of(fd: number): string | undefined {
    return this.names.get(fd);
  }

  /** Where a path below a descriptor leads, as text; nothing is resolved. */
  join(fd: number, path: string): string {
    const base = this.names.get(fd);
    if (base === undefined || path.startsWith('/')) return path;
    if (base === '.') return path;
    return path === '.' ? base : `${base.replace(/\/$/, '')}/${path}`;
  }

  /** After the call has answered; its arguments are described before, its results after. */
  follow({ name, args, memory }: ObservedCall, { errno, exit }: Answer): void {
    if (errno !== Errno.success || exit !== undefined) return;
    const [fd, second] = args as number[];
    switch (name) {
      case 'fd_close':
        this.names.delete(fd!);
        return;
      case 'fd_renumber': {
        const moved = this.names.get(fd!);
        if (fd === second) return;
        this.names.delete(fd!);
        this.names.delete(second!);
        if (moved !== undefined) this.names.set(second!, moved);
        return;
      }
      case 'fd_prestat_dir_name':
        this.names.set(fd!, textAt(() => memory.slice(second!, args[2] as number)));
        return;
      case 'path_open':
        this.names.set(memory.readU32(args[8] as number), this.join(fd!, textAt(() => memory.slice(args[2] as number, args[3] as number))));
        return;
      case 'sock_accept':
        this.names.set(memory.readU32(args[2] as number), `${this.names.get(fd!) ?? ''}<connection>`);
    }
  }
}

function textAt(read: () => Uint8Array): string {
  try {
    return new TextDecoder().decode(read()).replace(/\0+$/, '');
  } catch (error) {
    if (error instanceof WasiError) return '?';
    throw error;
  }
}
