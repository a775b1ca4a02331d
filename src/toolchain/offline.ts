// `--offline`: what a setup can have without any connection. Bytes that lie in `downloads/` are as good as any: they
// are verified like all others. They may be a download that came whole before, under its digest, or a file somebody
// put there under its own name.
import { statSync } from 'node:fs';
import path from 'node:path';
import { offlineLacks } from './errors.js';
import { homeTree } from './home.js';
import type { LocalRoute, Route } from './download.js';
import type { Artifact } from './types.js';

/** The file of `downloads/` that looks like this artifact, by name and size; null when there is none. */
function localCopy(home: string, { location, integrity, sizeBytes }: Artifact): string | null {
  const name = path.posix.basename(/^https?:/.test(location) ? decodeURIComponent(new URL(location).pathname) : location);
  const candidates = [...(integrity === null ? [] : [homeTree.downloadFile(home, integrity)]), path.join(homeTree.downloadsDir(home), name)];
  return candidates.find((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() === true && found.size > 0 && (sizeBytes === null || found.size === sizeBytes);
  }) ?? null;
}

/** The way to an artifact without a connection: where the source says if that is a disk, else in `downloads/`. @throws E_OFFLINE */
export function offlineRoute(subject: string, home: string, artifact: Artifact, route: Route): LocalRoute {
  if ('file' in route) return route;
  const file = localCopy(home, artifact);
  if (file === null) throw offlineLacks(subject, route.url, artifact, homeTree.downloadsDir(home));
  return { file };
}
