// Bazel: a package with a cc_toolchain for WASI, as text. Bazel is not among the programs this was tested with.
// source: bazel.build, "C++ toolchain configuration", "Platforms"; @platforms has cpu:wasm32 and os:wasi since 0.0.8.
import type { CrossTools } from './cross.js';

const word = (value: string): string => JSON.stringify(value);

/** The two files of a package: a rule has to stand in a file of its own. */
export function bazelFiles({ tools, sysroot, target }: CrossTools, resourceDir: string, title: string): Readonly<Record<'BUILD.bazel' | 'wasi_cc_toolchain.bzl', string>> {
  const paths = { gcc: tools.CC, ld: tools.LD, ar: tools.AR, cpp: tools.CC, nm: tools.NM, objdump: tools.OBJDUMP, strip: tools.STRIP, gcov: '/bin/false' };
  return {
    'wasi_cc_toolchain.bzl': `# ${title}
load("@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl", "tool_path")

def _impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = "wasienv-${target}",
        host_system_name = "local",
        target_system_name = "${target}",
        target_cpu = "wasm32",
        target_libc = "wasi-libc",
        compiler = "clang",
        abi_version = "wasm32",
        abi_libc_version = "wasi",
        # The compiler says the target and the sysroot itself.
        tool_paths = [
${Object.entries(paths).map(([name, file]) => `            tool_path(name = ${word(name)}, path = ${word(file ?? '/bin/false')}),`).join('\n')}
        ],
        cxx_builtin_include_directories = [
            ${word(`${sysroot}/include`)},
            ${word(`${resourceDir}/include`)},
        ],
    )

wasi_cc_toolchain_config = rule(implementation = _impl, attrs = {}, provides = [CcToolchainConfigInfo])
`,
    'BUILD.bazel': `# ${title}
# bazel build --platforms=//PACKAGE:wasi --extra_toolchains=//PACKAGE:wasi_toolchain TARGET
load(":wasi_cc_toolchain.bzl", "wasi_cc_toolchain_config")

platform(name = "wasi", constraint_values = ["@platforms//cpu:wasm32", "@platforms//os:wasi"])

filegroup(name = "empty")

wasi_cc_toolchain_config(name = "config")

cc_toolchain(
    name = "cc",
    all_files = ":empty",
    compiler_files = ":empty",
    dwp_files = ":empty",
    linker_files = ":empty",
    objcopy_files = ":empty",
    strip_files = ":empty",
    supports_param_files = 1,
    toolchain_config = ":config",
)

toolchain(
    name = "wasi_toolchain",
    target_compatible_with = ["@platforms//cpu:wasm32", "@platforms//os:wasi"],
    toolchain = ":cc",
    toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
)
`,
  };
}
