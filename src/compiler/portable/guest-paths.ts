// How the portable compiler sees the host's files. It must see what the user typed, or diagnostics, `__FILE__`, debug
// information and `-MD` files would name paths that do not exist. So nothing is mounted anywhere: the guest's root is
// the host's root, every path means the same on both sides, and the installed sysroot is given by its real path. A
// mount for the sysroot (`/usr`, as this build's own default has it) would hide the user's files of that name.
// On Windows a guest path cannot hold a drive, so `C:\dir` is `/C:/dir` there, one preopen a drive.
// Pure.

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
 * An argument that names a file, as the guest must read it: on Windows `\` becomes `/` and a drive gets its root.
 * Relative paths stay relative.
 */
export function guestFileArgument(argument: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? guestPath(argument, platform) : argument;
}
