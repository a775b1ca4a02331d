// The same files under somebody's own base: a URL or a directory. What lies where is a plain copy of the addresses:
// `BASE/HOST/PATH` for a URL of a manifest, as `wget -x` would store it, and `BASE/npm/PATH` for what npm packages.
// Digests still come from the manifests, so a mirror is trusted with nothing but its reach.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PROBE_LIMITS, type DownloadSource, type SourceContext } from './source.js';
import { readWebHops } from './web.js';
import { badMirror, notInMirror } from './errors.js';
import type { Artifact } from '../types.js';
import type { Route } from '../download.js';

/** Where a mirror keeps a file: parts of the path below its base, decoded. Pure. @throws E_MANIFEST never: manifests are checked */
export function mirrorPath(location: string): readonly string[] {
  if (!/^https?:/.test(location)) return ['npm', ...location.split('/')];
  const url = new URL(location);
  // `+` as wget writes a port where `:` cannot stand in a file name.
  return [url.host.replace(':', '+'), ...url.pathname.split('/').filter((part) => part !== '').map(decodeURIComponent)];
}

/** The address of a file below a mirror that is a URL. Pure. */
export function mirrorUrl(base: string, location: string): string {
  const parts = mirrorPath(location).map(encodeURIComponent).join('/').replaceAll('%40', '@');
  return new URL(parts, base.endsWith('/') ? base : `${base}/`).href;
}

/** Whether a mirror's base is a URL; else it is a directory. @throws E_SOURCE for what is neither */
export function isMirrorUrl(base: string): boolean {
  if (/^https?:\/\//i.test(base)) {
    if (!URL.canParse(base)) throw badMirror(base, 'it is not a URL');
    return true;
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(base)) throw badMirror(base, 'only http, https and directories are known');
  return false;
}

function baseOf({ mirror }: SourceContext): string {
  if (mirror === undefined || mirror === '') throw badMirror('', 'none was named');
  return mirror;
}

async function route(artifact: Artifact, context: SourceContext): Promise<Route> {
  const base = baseOf(context);
  if (!isMirrorUrl(base)) {
    const place = path.resolve(context.cwd, base);
    const parts = mirrorPath(artifact.location);
    // A bundle, as `wasienv pack` makes it, is such a directory in one file.
    return (await stat(place).catch(() => null))?.isFile() === true ? { file: place, entry: parts.join('/') } : { file: path.join(place, ...parts) };
  }
  const { username, password, origin } = new URL(base);
  const url = new URL(mirrorUrl(base, artifact.location));
  url.username = url.password = '';
  const login = username === '' ? null : { origin, headers: { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` } };
  return {
    url: url.href,
    // Its login goes to the mirror alone, wherever a redirect may lead.
    hop: await readWebHops(context, login),
    registry: false,
  };
}

export const mirrorSource: DownloadSource = {
  kind: 'download',
  name: 'mirror',
  route,
  async reach(name, release, context) {
    const way = await route(release.artifact, context);
    const subject = `${name} ${release.version}`;
    if ('file' in way) {
      if (way.entry !== undefined) return void (await (await import('../bundle/bundle.js')).findInBundle(way.file, way.entry));
      const found = await stat(way.file).catch(() => null);
      if (found?.isFile() !== true) throw notInMirror(subject, way.file);
      return;
    }
    const { probe } = await import('../download.js');
    await probe({ subject, route: way, sizeBytes: release.artifact.sizeBytes, limits: PROBE_LIMITS, signal: context.signal });
  },
};
