// The file for one build tool, for the toolchain that is used in a directory: `wasienv toolchain TOOL`.
import path from 'node:path';
import type { Environment } from '../../base/surroundings.js';
import { currentToolchain, selectToolchain, type Toolchain } from '../../toolchain/index.js';
import { environmentOf } from '../../toolchain/setenv/index.js';
import { environmentTitle, pinnedId, refreshEnvironment } from '../environment-files.js';
import { SITE_FILE, siteFile } from './autoconf.js';
import { bazelFiles } from './bazel.js';
import { cargoConfig } from './cargo.js';
import { CMAKE_FILE, cmakeToolchain } from './cmake.js';
import { crossTools } from './cross.js';
import { MAKE_FILE, makeFile } from './make.js';
import { MESON_FILE, mesonCrossFile } from './meson.js';

export const BUILD_TOOLS = ['cmake', 'meson', 'cargo', 'make', 'autoconf', 'bazel'] as const;
export type BuildTool = (typeof BUILD_TOOLS)[number];
export const isBuildTool = (name: string): name is BuildTool => (BUILD_TOOLS as readonly string[]).includes(name);

export interface ToolchainRequest {
  readonly home: string;
  readonly homeIsNamed: boolean;
  readonly env: Environment;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly signal?: AbortSignal | undefined;
}

/** The toolchain of a directory with its shims and files written; `pinned` when it is not the one of the home. */
export async function readyToolchain({ home, env, cwd, platform, signal }: Omit<ToolchainRequest, 'homeIsNamed'>): Promise<{ readonly toolchain: Toolchain; readonly pinned?: string }> {
  const toolchain = await selectToolchain(home, { cwd, env });
  const inUse = await currentToolchain(home).catch(() => null);
  const own = inUse?.receiptFile === toolchain.receiptFile && inUse.digest === toolchain.digest;
  await refreshEnvironment({ home, env, platform, ...(own ? {} : { pinned: toolchain }), signal });
  return own ? { toolchain } : { toolchain, pinned: pinnedId(toolchain) };
}

/** Name -> text; several for Bazel only. */
export async function toolchainFiles(tool: BuildTool, request: ToolchainRequest): Promise<ReadonlyMap<string, string>> {
  const { home, homeIsNamed, platform } = request;
  const { toolchain, pinned } = await readyToolchain(request);
  const cross = crossTools(toolchain, home, platform, pinned);
  const title = environmentTitle(toolchain);
  switch (tool) {
    case 'cmake':
      return new Map([[CMAKE_FILE, cmakeToolchain(cross, title)]]);
    case 'meson':
      return new Map([[MESON_FILE, mesonCrossFile(cross, title)]]);
    case 'make':
      return new Map([[MAKE_FILE, makeFile(cross.tools, cross.run, title)]]);
    case 'autoconf':
      return new Map([[SITE_FILE, siteFile(title)]]);
    case 'bazel':
      return new Map(Object.entries(bazelFiles(cross, toolchain.layout.resourceDir, title)));
    case 'cargo': {
      const environment = environmentOf({ toolchain, home, homeIsNamed, platform, bare: false, ...(pinned === undefined ? {} : { pinned }) });
      return new Map([['config.toml', cargoConfig(cross, environment, await rustTarget(request), title)]]);
    }
  }
}

/** As the rustc of this machine calls preview 1; where there is none, as those of today do. */
async function rustTarget({ home, env, platform, cwd }: ToolchainRequest): Promise<string> {
  const { currentRust } = await import('../../toolchain/rust/index.js');
  return currentRust({ home, env, platform, cwd }).then(({ target }) => target, () => 'wasm32-wasip1');
}

/** What to type with the files that the home holds. */
export async function toolchainPaths(request: ToolchainRequest): Promise<readonly (readonly [use: string, file: string])[]> {
  const { toolchain, pinned } = await readyToolchain(request);
  const { directory } = crossTools(toolchain, request.home, request.platform, pinned);
  return [
    ['cmake --toolchain', path.join(directory, CMAKE_FILE)],
    ['meson setup --cross-file', path.join(directory, MESON_FILE)],
    ['CONFIG_SITE=', path.join(directory, SITE_FILE)],
    ['include (make)', path.join(directory, MAKE_FILE)],
  ];
}
