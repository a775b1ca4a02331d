// From `wasi-sdk@^30` to one of the versions that are installed. semver loads only when a range has to be understood.
import { notInstalled } from './errors.js';
import type { ComponentRequest } from '../types.js';
import type { Install } from './inventory.js';

/** A channel (`stable`) rather than a version or range: what it names is for manifests to say. */
export function isChannel(wanted: string): boolean {
  return /^[a-z][a-z-]*$/.test(wanted) && wanted !== 'x';
}

/**
 * The installs a request means, best first: of an exact version that one, of a range the newest first. A channel, or
 * nothing, means any version, and the one in use before the newest.
 */
export async function matchingInstalls(installs: readonly Install[], { name, wanted }: ComponentRequest): Promise<readonly Install[]> {
  const ofComponent = installs.filter(({ receipt }) => receipt.component === name);
  // Of two installs of one version the later one is the repaired one.
  const exact = ofComponent.filter(({ receipt }) => receipt.version === wanted).reverse();
  if (exact.length > 0) return exact;
  if (ofComponent.length === 0) return [];
  const any = wanted === undefined || isChannel(wanted);
  if (any && ofComponent.length === 1) return ofComponent;
  const { newestFirst } = await import('../resolve.js');
  const versions = newestFirst([...new Set(ofComponent.map(({ receipt }) => receipt.version))], any ? undefined : wanted);
  const sorted = versions.flatMap((version) => ofComponent.filter(({ receipt }) => receipt.version === version).reverse());
  return any ? [...sorted.filter(({ inUse }) => inUse), ...sorted.filter(({ inUse }) => !inUse)] : sorted;
}

/** The best of them. @throws E_NOT_INSTALLED naming those that are there */
export async function chooseInstall(installs: readonly Install[], request: ComponentRequest): Promise<Install> {
  const [best] = await matchingInstalls(installs, request);
  if (best !== undefined) return best;
  throw notInstalled(request.name, request.wanted, installs.filter(({ receipt }) => receipt.component === request.name).map(({ receipt }) => receipt.version));
}
