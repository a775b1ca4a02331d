// A profile for https://www.speedscope.app, which a person opens in a browser; nothing of it leaves the machine.
// Format: speedscope's file-format-schema.json, an `evented` profile. Instructions stand where time would.
import { NOT_KEPT_APART, withoutSmall, type Profile, type ProfiledCall } from './profile.js';

/** Calls below this part of all are left out: nobody finds them, and the file stays small. */
const LEAST_PART = 1e-6;

export function speedscopeText({ program, instructions, functions, roots }: Profile, exporter: string): string {
  const frames = functions.map(({ name, file, line }) => ({ name, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }));
  const others = frames.length;
  const events: Array<{ readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }> = [];
  const add = (calls: readonly ProfiledCall[], start: number): void => {
    let at = start;
    for (const { functionAt, total, callees, own } of calls) {
      const frame = functionAt < 0 ? others : functionAt;
      events.push({ type: 'O', frame, at });
      add(callees, at + own);
      at += total;
      events.push({ type: 'C', frame, at });
    }
  };
  add(withoutSmall(roots, instructions * LEAST_PART), 0);
  return `${JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter,
    name: program,
    activeProfileIndex: 0,
    shared: { frames: [...frames, { name: NOT_KEPT_APART }] },
    profiles: [{ type: 'evented', name: `${program}: WebAssembly instructions`, unit: 'none', startValue: 0, endValue: instructions, events }],
  })}\n`;
}
