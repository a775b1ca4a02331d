// Release archives from where their makers publish them. The whole URL is data of the manifest. Proxy, certificates and
// patience are those of every other download; no credentials go to these hosts.
import { PROBE_LIMITS, type DownloadSource, type SourceContext } from './source.js';
import { readWebHops } from './web.js';
import type { Artifact } from '../types.js';
import type { RemoteRoute } from '../wire.js';

async function route(artifact: Artifact, context: SourceContext): Promise<RemoteRoute> {
  return { url: artifact.location, hop: await readWebHops(context), registry: false };
}

export const upstreamSource: DownloadSource = {
  kind: 'download',
  name: 'upstream',
  route,
  async reach(name, release, context) {
    // Here and not at the top: a plan for what is already installed asks nobody, and undici is slow to load.
    const { probe } = await import('../download.js');
    await probe({
      subject: `${name} ${release.version}`,
      route: await route(release.artifact, context),
      sizeBytes: release.artifact.sizeBytes,
      limits: PROBE_LIMITS,
      signal: context.signal,
    });
  },
};
