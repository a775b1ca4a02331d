// What stands in the home beside the installs: the environment's files, and what killed programs left. Both are ours
// alone and made anew at will, so `--fix` may put them right.
import { existsSync } from 'node:fs';
import { formatBytes } from '../base/text.js';
import { currentToolchain } from '../toolchain/index.js';
import { ok, type Saying } from './saying.js';
import type { DoctorContext } from './context.js';

export async function checkEnvironmentFiles({ home, env, platform }: DoctorContext): Promise<Saying> {
  const directory = home();
  const toolchain = await currentToolchain(directory).catch(() => null);
  if (toolchain === null) return ok('none, as no toolchain is ready for use');
  const { staleEnvironment } = await import('../compiler/environment-files.js');
  const stale = staleEnvironment({ home: directory, env, platform }, toolchain);
  if (stale.length === 0) return ok('as the toolchain in use wants them');
  return {
    status: 'warning', text: `${stale.length} file${stale.length === 1 ? '' : 's'} of the environment ${stale.length === 1 ? 'is' : 'are'} not as the toolchain in use wants ${stale.length === 1 ? 'it' : 'them'}: ${stale[0]}${stale.length > 1 ? ' …' : ''}`,
    cause: 'Node.js or wasienv moved since, or somebody changed or removed them; builds that use them may start another compiler, or none',
    next: 'wasienv doctor --fix',
    fix: { does: 'write the scripts and programs of the environment anew', done: false },
  };
}

export async function fixEnvironmentFiles({ home, env, platform, signal }: DoctorContext): Promise<void> {
  const { refreshEnvironment } = await import('../compiler/index.js');
  await refreshEnvironment({ home: home(), env, platform, signal });
}

export async function checkLeftovers({ home }: DoctorContext): Promise<Saying> {
  const directory = home();
  if (!existsSync(directory)) return ok('none');
  const { findLeftovers } = await import('../toolchain/keeping/remove.js');
  const left = await findLeftovers(directory);
  if (left.length === 0) return ok('none');
  const bytes = left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    status: 'note', text: `${left.length} thing${left.length === 1 ? '' : 's'} in ${directory} that nobody needs: ${left[0]!.name}${left.length > 1 ? ' …' : ''} (${formatBytes(bytes)})`,
    cause: 'a setup was killed, or works at this moment; the next one tidies up',
    next: 'wasienv doctor --fix',
    fix: { does: 'remove what killed setups left', done: false },
  };
}

export async function fixLeftovers({ home, signal }: DoctorContext): Promise<void> {
  const [{ removeLeftovers }, { withLock }] = await Promise.all([import('../toolchain/keeping/remove.js'), import('../toolchain/index.js')]);
  // Under the lock nobody works: what looked left over is.
  await withLock(home(), 'tidying up', () => removeLeftovers(home()), { signal });
}
