// docs/real-builds.md, made of the rows of projects.ts: what a person types for each build, and what its tests say.
import type { Project } from './projects.js';

export function renderDocument(projects: readonly Project[]): string {
  return `<!-- Made of test/builds/projects.ts by \`BLESS=1 npx vitest run test/builds\`. -->
# Real builds

Built by the tests with \`wasienv exec\`, from Debian's source packages, none of their files changed, in a shell whose CC, CFLAGS, CPATH
and the like are meant for other builds. Their own tests run on wasienv's interpreter. \`native\` is a clang of Debian's (16), \`portable\` the
compiler that a plain \`wasienv setup\` installs, \`rust\` the rustc, cargo and clang of Debian (1.63 and 14).

| project | source package | built by | compiler | its tests say |
|---|---|---|---|---|
${projects.map(({ id, title, package: name, build, compiler, result }) => `| [${title}](#${id}) | ${typeof name === 'string' ? name : `[test/builds/${name.own}](../test/builds/${name.own})`} | ${build} | ${compiler} | ${result} |`).join('\n')}

${projects.map(section).join('\n\n')}
`;
}

function section({ id, title, commands, files = [], notes = [] }: Project): string {
  const reasons = [...files.map(([name, why]) => `[${name}](../test/builds/files/${name}): ${why}`), ...notes];
  return `<a id="${id}"></a>\n## ${title}\n\n\`\`\`sh\n${commands.join('\n')}\n\`\`\`${reasons.length === 0 ? '' : `\n\n${reasons.map((reason) => `- ${reason}`).join('\n')}`}`;
}
