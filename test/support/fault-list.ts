// The faults a setup must survive, by what they come from; and what a test leaves behind about its trials of them.
export const FAULTS = {
  'servers and networks': [
    'truncated', 'wrong bytes', 'wrong length', '404', '401, 403 and other refusals', '429', '500 for ever', '500, then well', 'stall', 'reset at random bytes', 'redirect loop', 'redirect that leads nowhere',
    'redirect to another host with a token', 'TLS with an unknown CA', 'TLS that is expired, missing or given up', 'a proxy that refuses', 'a server that ignores Range', 'a server that answers Range wrongly',
    'a file changed between two ranges', 'a kept part changed on the disk', 'nobody there, or no HTTP',
  ],
  archives: [
    'absolute path', '`..`', 'symlink escape', 'hard-link escape', 'device file', 'setuid', 'names that collide by case', 'names that collide by Unicode', 'names no system should get', 'one name twice',
    '10 GB of zeros', 'a million entries', 'pax header bomb', 'more than the manifest says', 'damaged archive', 'another packing than the manifest says', 'a file missing that must be there',
  ],
  'disks and homes': [
    'disk full', 'no inode left', 'quota', 'limit on the size of files', 'read-only', 'no permission', 'something in the way', 'a home on another volume', 'a home with spaces, quotes and non-ASCII',
    "somebody else's directory",
  ],
  'processes and clocks': [
    'kill -9 of a setup at a random moment', 'kill -9 of bin/wasienv.js at a random moment', 'kill -9 as a phase begins', 'Ctrl-C', 'eight setups at once', 'a lock whose holder died', 'a clock set back',
  ],
} as const;
export type Fault = (typeof FAULTS)[keyof typeof FAULTS][number];

/** What trials of one test came to. `skipped`: why none was possible here. */
export interface TrialCount {
  tried: number;
  survived: number;
  skipped?: string;
}
export type TrialCounts = Partial<Record<Fault, TrialCount>>;

declare module 'vitest' {
  interface TaskMeta {
    trials?: TrialCounts;
  }
}

