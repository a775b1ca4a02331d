// What a check of doctor finds, and what all findings together say. Data only; `render.ts` draws it, the front door
// prints it. JSON shape: manifests/doctor.schema.json.

/** `note`: worth knowing. `warning`: something will surprise you. `problem`: a build would not work. */
const STATUSES = ['ok', 'note', 'warning', 'problem'] as const;
export type Status = (typeof STATUSES)[number];

export interface Effect {
  /** The program that is affected: `make`, `cmake`, `wasienv cc` … */
  readonly tool: string;
  readonly effect: string;
}

export interface Finding {
  /** Stable: `toolchain`, `variable:CC`, `clang:/usr/bin/clang`. */
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  /** What is so. */
  readonly text: string;
  /** What each program would make of it, where it differs. */
  readonly effects?: readonly Effect[];
  /** Why it is so, or why it matters; present unless the status is `ok`. */
  readonly cause?: string;
  /** A command to run, or what to do; present unless the status is `ok`. */
  readonly next?: string;
  /** What `wasienv doctor --fix` would do about it, or has done. */
  readonly fix?: { readonly does: string; readonly done: boolean };
}

export interface DoctorReport {
  readonly schema: 1;
  /** A build would work. */
  readonly ok: boolean;
  readonly wasienvVersion: string;
  readonly findings: readonly Finding[];
}

/** Whether `wasienv cc` and `wasienv run` would do their work: no finding is a problem. */
export function buildWorks(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.status !== 'problem');
}

export function reportOf(findings: readonly Finding[], wasienvVersion: string): DoctorReport {
  return { schema: 1, ok: buildWorks(findings), wasienvVersion, findings };
}
