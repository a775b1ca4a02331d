// Sizes, rates and durations as people read them. Pure; imports nothing.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1234567` -> `1.2 MB`. SI units (1 kB = 1000 B), one decimal below 10 of a unit. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${UNITS[unit]}`;
}

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, kb: 1e3, kib: 2 ** 10, m: 2 ** 20, mb: 1e6, mib: 2 ** 20, g: 2 ** 30, gb: 1e9, gib: 2 ** 30 };

/** `65536`, `256K`, `64MiB`, `100MB`: bytes. K, M and G are 1024 times, as KiB, MiB and GiB are; kB, MB and GB 1000 times. Undefined for what is no size. */
export const parseBytes = (text: string): number | undefined => parseQuantity(text, BYTES);

/** A number and a unit: how many of the smallest unit. Undefined for what is neither, or a unit that is not among them (in small letters). */
export function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, name] = /^(\d+(?:\.\d+)?(?:e\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const unit = name === undefined ? undefined : units[name.toLowerCase()];
  return unit === undefined ? undefined : Number(digits) * unit;
}

/** `83_000` -> `1 min 23 s`; below a minute `4.2 s`; below a second `120 ms`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** For text that others chose (file names, variables, names in a module): no control character of it reaches the terminal. Lines stay lines. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
