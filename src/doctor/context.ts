// What the checks look at: the world as the front door hands it over, and the toolchain, looked up once.
import type { Environment, Surroundings } from '../base/surroundings.js';
import { homeDirectory, selectToolchain, type Toolchain } from '../toolchain/index.js';

export type DoctorSurroundings = Pick<Surroundings, 'env' | 'cwd' | 'platform' | 'arch' | 'nodeVersion'>;

export interface DoctorOptions {
  /** Hash every installed file instead of looking at sizes. */
  readonly deep: boolean;
  /** Mend what can be mended safely. */
  readonly fix?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface DoctorContext extends DoctorSurroundings, DoctorOptions {
  /** The home, or the error that says why there is none. */
  readonly home: () => string;
  /** The toolchain `cc` would use; rejects as `selectToolchain` does. */
  readonly toolchain: () => Promise<Toolchain>;
  /** The toolchain, or null where there is none to speak of: another check tells why. */
  readonly toolchainIfAny: () => Promise<Toolchain | null>;
}

export function makeContext({ env, cwd, platform, arch, nodeVersion }: DoctorSurroundings, options: DoctorOptions): DoctorContext {
  const home = (): string => homeDirectory(env as Environment, platform);
  let found: Promise<Toolchain> | undefined;
  const toolchain = (): Promise<Toolchain> => (found ??= Promise.resolve().then(() => selectToolchain(home(), { cwd, env })));
  return { env, cwd, platform, arch, nodeVersion, ...options, home, toolchain, toolchainIfAny: () => toolchain().catch(() => null) };
}
