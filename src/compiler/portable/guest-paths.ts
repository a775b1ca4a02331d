// How the portable compiler sees the host's files. It must see what the user typed, or diagnostics, `__FILE__`, debug
// information and `-MD` files would name paths that do not exist. So nothing is mounted anywhere: the guest's root is
// the host's root, every path means the same on both sides, and the installed sysroot is given by its real path. A
// mount for the sysroot (`/usr`, as this build's own default has it) would hide the user's files of that name.
// On Windows a guest path cannot hold a drive, so `C:\dir` is `/C:/dir` there, one preopen a drive.
// Pure.
import { splitOption, VALUE_OPTIONS } from '../options.js';

export interface GuestPreopen {
  readonly host: string;
  readonly guest: string;
}

/** An absolute host path as the guest writes it. */
export function guestPath(hostPath: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return hostPath;
  const slashed = hostPath.replace(/^\\\\\?\\(?=[A-Za-z]:)/, '').replaceAll('\\', '/');
  return /^[A-Za-z]:\//.test(slashed) ? `/${slashed[0]?.toUpperCase()}${slashed.slice(1)}` : slashed;
}

/** The preopens that make every path in `mentioned` (cwd, sysroot, arguments) reachable. */
export function guestPreopens(mentioned: readonly string[], platform: NodeJS.Platform): GuestPreopen[] {
  if (platform !== 'win32') return [{ host: '/', guest: '/' }];
  const drives = new Set<string>();
  for (const text of mentioned) {
    for (const match of text.matchAll(/(?<![A-Za-z0-9])([A-Za-z]):[\\/]/g)) drives.add((match[1] as string).toUpperCase());
  }
  return [...drives].sort().map((drive) => ({ host: `${drive}:\\`, guest: `/${drive}:` }));
}

/**
 * The arguments of a program with the host's paths in them as the guest reads them; words that are no paths stay.
 * `/dev/stdin` and `/dev/stdout` lead, through /proc, to names such as `pipe:[123]` that only the kernel can follow;
 * every program of the module takes `-` for both.
 */
export function guestArguments(args: readonly string[], platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32') return args.map((argument, index) => (argument === '/dev/stdin' || (argument === '/dev/stdout' && args[index - 1] === '-o') ? '-' : argument));
  let valueOf: string | undefined;
  return args.map((argument) => {
    const before = valueOf;
    valueOf = undefined;
    if (before !== undefined) return isPathOption(before) ? guestPath(argument, platform) : argument;
    if (argument.startsWith('@')) return `@${guestPath(argument.slice(1), platform)}`;
    if (!argument.startsWith('-')) return guestPath(argument, platform);
    const assigned = /^(--sysroot=|-resource-dir=|--output=|-ivfsoverlay=|-fmodule-map-file=|-fprofile-\w+=)(.*)$/s.exec(argument);
    if (assigned !== null) return assigned[1]! + guestPath(assigned[2]!, platform);
    const [option, joined] = splitOption(argument);
    if (option === undefined) return argument;
    if (joined === undefined) valueOf = option;
    return joined !== undefined && isPathOption(option) ? option + guestPath(joined, platform) : argument;
  });
}

const isPathOption = (option: string): boolean => VALUE_OPTIONS.get(option)?.value === 'path';
