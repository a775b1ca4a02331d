// wasienv list-remote: what the manifests know: versions, hosts, digests and who witnesses them.
import type { Manifest, Release } from '../../toolchain/index.js';
import { defineCommand } from '../command.js';
import { JSON_RESULT } from '../common-options.js';
import { unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { tableLines } from '../table.js';

export const listRemote = defineCommand({
  name: 'list-remote',
  summary: 'show the versions that can be installed, as the manifests know them',
  usage: ['list-remote [COMPONENT[@RANGE]] [--json]'],
  description: ['Reads the manifests that come with wasienv (or WASIENV_MANIFESTS) and asks no server. `verified` means that its digest is known; the number is how many independent projects pin the same one. A host in brackets has no known digest: nothing is installed there without --allow-unverified. A host with `!` is disputed: another digest was published for the same file; named with a version or a range, it is shown with who published it.'],
  reading: 'options',
  options: JSON_RESULT,
  examples: [
    { command: 'wasienv list-remote wasi-sdk', shows: 'every version, the newest first' },
    { command: 'wasienv list-remote wasi-sdk@^30', shows: 'those of a range' },
  ],
  interruption: 'immediate',
  async run({ surroundings: { cwd, platform, arch }, env, output }, { options: { json }, operands }) {
    const { parseComponent } = await import('../component-operands.js');
    if (operands[1] !== undefined) throw unwantedOperand(operands[1], 'list-remote');
    const { homeDirectory, loadManifests, takeInventory, versionsOf } = await import('../../toolchain/index.js');
    const wanted = operands[0] === undefined ? undefined : parseComponent(operands[0]);
    const manifests = await loadManifests({ env, cwd, platform });
    const installed = new Set((await takeInventory(homeDirectory(env, platform))).installs.map(({ receipt }) => receipt.digest));
    const found: { component: string; title: string; channels: Manifest['channels']; versions: readonly VersionRow[] }[] = [];
    for (const manifest of manifests.values()) {
      if (wanted !== undefined && manifest.component !== wanted.name) continue;
      const versions = await versionsOf(manifest, wanted?.wanted);
      found.push({ component: manifest.component, title: manifest.title, channels: manifest.channels, versions: versions.map(([version, releases]) => versionRow(version, releases, manifest, `${platform}-${arch}`, installed)) });
    }
    if (json) {
      output.print(JSON.stringify({ schema: 1, components: found }, null, 2));
      return EXIT.OK;
    }
    found.forEach(({ component, title, versions }, index) => {
      if (index > 0) output.print('');
      output.print(output.colour.bold(`${component}: ${title}`));
      tableLines(versions.map(cellsOf)).forEach((line) => output.print(`  ${line}`));
      if (versions.length === 0) output.note('no version in this range');
      // Only where a few are looked at: it is long.
      const disputes = versions.flatMap(disputesOf);
      if (wanted?.wanted !== undefined) disputes.forEach((line) => output.print(line));
      else if (disputes.length > 0) output.note(`\`!\`: another digest was published for that file; \`wasienv list-remote ${component}@VERSION\` shows both`);
      if (versions.some(({ artifacts }) => artifacts.some(({ integrity }) => integrity === null))) output.note('(host): no digest is known, so it is refused unless --allow-unverified is given');
    });
    return EXIT.OK;
  },
});

interface VersionRow {
  readonly version: string;
  readonly source: string;
  readonly channels: readonly string[];
  readonly here: boolean;
  readonly installed: boolean;
  readonly avoid: boolean;
  readonly note: string | null;
  readonly artifacts: readonly { readonly hosts: readonly string[]; readonly sizeBytes: number | null; readonly integrity: string | null; readonly witnesses: number; readonly conflicts: NonNullable<Release['artifact']['conflicts']>; readonly location: string }[];
}

function versionRow(version: string, releases: readonly Release[], { channels }: Manifest, host: string, installed: ReadonlySet<string>): VersionRow {
  return {
    version,
    source: [...new Set(releases.map(({ source }) => source))].join(' '),
    channels: Object.entries(channels).filter(([, each]) => each === version).map(([name]) => name),
    here: releases.some(({ hosts }) => hosts.includes(host) || hosts.includes('any')),
    installed: releases.some(({ artifact: { integrity } }) => integrity !== null && installed.has(integrity)),
    avoid: releases.every(({ avoid }) => avoid),
    note: releases.find(({ note }) => note !== null)?.note ?? null,
    artifacts: releases.map(({ hosts, artifact: { sizeBytes, integrity, witnesses, witnessCount, conflicts = [], location } }) => ({ hosts, sizeBytes, integrity, witnesses: witnessCount ?? witnesses.length, conflicts, location })),
  };
}

function cellsOf({ version, source, channels, here, installed, avoid, note, artifacts }: VersionRow): readonly string[] {
  const known = artifacts.filter(({ integrity }) => integrity !== null);
  const witnesses = known.map((each) => each.witnesses);
  const [least, most] = [Math.min(...witnesses), Math.max(...witnesses)];
  const trust = known.length === 0 ? 'no digest' : `verified ${least === most ? most : `${least}-${most}`}`;
  const hosts = artifacts.flatMap(({ hosts: names, integrity, conflicts }) => names.map((name) => `${integrity === null ? `(${name})` : name}${conflicts.length > 0 ? '!' : ''}`));
  const remarks = [...channels, ...(installed ? ['installed'] : []), ...(here ? [] : ['not for this machine']), ...(avoid ? ['avoid'] : []), ...(note === null ? [] : [note])];
  return [version, source, trust, [...new Set(hosts)].join(' '), remarks.join(', ')];
}

/** For each disputed file the digest that is used, and every other one with who published it. */
function disputesOf({ version, artifacts }: VersionRow): string[] {
  return artifacts.filter(({ conflicts }) => conflicts.length > 0).flatMap(({ hosts, integrity, witnesses, conflicts }) => [
    '',
    `  ${version} ${hosts.join(' ')}`,
    `    used      ${integrity ?? 'none'}${integrity === null ? '' : `  pinned by ${witnesses}`}`,
    ...conflicts.map(({ integrity: other, source }) => `    disputed  ${other}  by ${source}`),
  ]);
}
