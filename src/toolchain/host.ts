// Detects the machine we run on: facts only, no judgement.
import os from 'node:os';
import process from 'node:process';
import type { HostFacts } from './types.js';

/** The host's facts, for choosing among releases and for receipts. */
export function detectHost(): HostFacts {
  return {
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    libc: process.platform === 'linux' ? detectLibc() : null,
    cpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
  };
}

/** Node's diagnostic report names the glibc it runs on; on a musl system that field is absent. */
function detectLibc(): string {
  const report = process.report as unknown as { excludeNetwork?: boolean; getReport(): unknown };
  const before = report.excludeNetwork;
  // The network part of the report does reverse look-ups of every open socket: seconds, for nothing.
  report.excludeNetwork = true;
  const facts = report.getReport() as { header?: { glibcVersionRuntime?: string } };
  if (before !== undefined) report.excludeNetwork = before;
  const version = facts.header?.glibcVersionRuntime;
  return version === undefined ? 'musl' : `glibc ${version}`;
}
