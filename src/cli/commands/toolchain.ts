// wasienv toolchain: the file that tells a build tool about the toolchain in use.
import path from 'node:path';
import { defineCommand } from '../command.js';
import { missingOperand, unknownBuildTool, unwantedOperand, unwritableFile } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { nearest } from '../nearest.js';
import { tableLines } from '../table.js';

export const toolchain = defineCommand({
  name: 'toolchain',
  summary: 'print or write the file that tells CMake, Meson, cargo, make or Bazel about the toolchain',
  usage: ['toolchain [TOOL] [--output FILE]'],
  description: [
    'TOOL is `cmake`, `meson`, `cargo`, `make`, `autoconf` or `bazel`. Without one it lists the files that wasienv’s home holds already: their paths stay, and they follow the toolchain in use.',
    'What is printed or written with --output is for the toolchain in use here, a project’s own included, with absolute paths. Bazel takes two files: --output names a directory then. Those were never read by a Bazel.',
  ],
  reading: 'options',
  options: { output: { short: 'o', value: 'FILE', summary: 'write it there instead of printing it' } },
  examples: [
    { command: 'wasienv toolchain', shows: 'cmake --toolchain, meson --cross-file: which file to name' },
    { command: 'wasienv toolchain cmake -o wasi.cmake', shows: 'a file of your own' },
    { command: 'wasienv toolchain cargo -o .cargo/config.toml', shows: 'plain `cargo build` then builds for WASI' },
  ],
  interruption: 'graceful',
  async run({ surroundings: { cwd, platform }, env, output, signal }, { options, operands }) {
    const [tool, unwanted] = operands;
    if (unwanted !== undefined) throw unwantedOperand(unwanted, 'toolchain');
    const [{ homeDirectory, homeIsNamed }, { BUILD_TOOLS, isBuildTool, toolchainFiles, toolchainPaths }] = await Promise.all([import('../../toolchain/index.js'), import('../../compiler/build/for-tool.js')]);
    if (tool !== undefined && !isBuildTool(tool)) throw unknownBuildTool(tool, BUILD_TOOLS, nearest(tool, BUILD_TOOLS));
    const home = homeDirectory(env, platform);
    const request = { home, homeIsNamed: homeIsNamed(env, platform), env, cwd, platform, signal };
    if (tool === undefined) {
      if (options.output !== undefined) throw missingOperand('toolchain', 'a TOOL to write a file for', 'wasienv toolchain cmake -o wasi.cmake');
      tableLines(await toolchainPaths(request)).forEach(output.print);
      return EXIT.OK;
    }
    const files = await toolchainFiles(tool, request);
    if (options.output === undefined) {
      for (const [name, text] of files) output.print(files.size === 1 ? text.trimEnd() : `# ---- ${name}\n${text.trimEnd()}`);
      return EXIT.OK;
    }
    const [{ writeFileSync }, { makeDirectories }] = await Promise.all([import('node:fs'), import('../../base/directories.js')]);
    const place = path.resolve(cwd, options.output);
    for (const [name, text] of files) {
      const file = files.size === 1 ? place : path.join(place, name);
      try {
        makeDirectories(path.dirname(file));
        writeFileSync(file, text);
      } catch (thrown) {
        throw unwritableFile(file, thrown as NodeJS.ErrnoException, '-o');
      }
    }
    return EXIT.OK;
  },
});
