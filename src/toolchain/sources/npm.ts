// The portable compiler, from the registry npm is configured for: anyone who could `npm install` can set up with it.
// The path below the registry is data of the manifest, and so is the digest; the registry decides neither.
import { hopFor, readNpmSettings } from './npm-config.js';
import type { DownloadSource, SourceContext } from './source.js';
import { trustFor } from './web.js';
import type { Artifact } from '../types.js';
import type { RemoteRoute } from '../wire.js';

async function route(artifact: Artifact, context: SourceContext): Promise<RemoteRoute> {
  const scope = artifact.location.startsWith('@') ? artifact.location.slice(0, artifact.location.indexOf('/')) : '';
  const npm = await readNpmSettings(scope, context);
  // npm's `ca` replaces Node's authorities; a file that the user names for wasienv comes beside whatever there is.
  const added = context.cafile === undefined ? null : trustFor(npm, context.env, context.cafile);
  const settings = added === null ? npm : { ...npm, ca: added.ca, trust: added.text };
  return {
    url: new URL(artifact.location, settings.registry).href,
    hop: (url) => hopFor(settings, url),
    registry: true,
  };
}

/** Registries behind a company's proxy may think a while before they answer. */
const NPM_PROBE_LIMITS = { attempts: 2, connectMs: 5_000, stallMs: 8_000, backoffMs: 200, longestPauseMs: 0 };

export const npmSource: DownloadSource = {
  kind: 'download',
  name: 'npm',
  route,
  async reach(_name, release, context) {
    // Here and not at the top: a plan for what is already installed asks nobody, and undici is slow to load.
    const { probe } = await import('../download.js');
    await probe({
      subject: `${release.artifact.location.split('/-/')[0]} ${release.version}`,
      route: await route(release.artifact, context),
      sizeBytes: release.artifact.sizeBytes,
      limits: NPM_PROBE_LIMITS,
      signal: context.signal,
    });
  },
};
