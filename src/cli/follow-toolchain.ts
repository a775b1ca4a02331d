// What follows when another toolchain is in use, or none any more: the environment scripts and shims of the home.
import type { CommandContext } from './command.js';

/** Brings `env/` of the home up to the toolchain in use; where there is none, takes ours away. */
export async function followToolchain({ env, surroundings: { platform }, signal }: Pick<CommandContext, 'env' | 'surroundings' | 'signal'>, home: string): Promise<void> {
  const [{ WasienvError }, { refreshEnvironment, removeEnvironment }] = await Promise.all([import('../base/errors.js'), import('../compiler/index.js')]);
  try {
    await refreshEnvironment({ home, env, platform, signal });
  } catch (error) {
    // Whatever is wrong with what is left: scripts that point to what is gone help nobody, and `doctor` tells the rest.
    if (!(error instanceof WasienvError) || error.code === 'E_INTERRUPTED' || error.code === 'E_LOCKED') throw error;
    await removeEnvironment({ home, platform });
  }
}
