// The environment for cmd, as a batch file to `call`; with /off it undoes itself. Starts no program. cmd has no
// functions and no variables of its own, so what was there before lies in the environment, and a cmd started from this
// one can undo it too. An empty variable is none in cmd.
// No line is a block in brackets: cmd reads a block before it runs it, and a `)` in the user's PATH would end it.
import { cmdValue } from './quote.js';
import type { ToolEnvironment } from './variables.js';

/**
 * `directory`: where the file will lie. cmd reads batch files in the code page of the moment, but `%~dp0` is always
 * right, so a home with letters beyond ASCII is written as that.
 */
export function renderCmd({ variables, path }: ToolEnvironment, title: string, directory?: string): string {
  const set = (name: string, value: string, rest = ''): string => {
    const within = directory !== undefined && value.startsWith(`${directory}\\`) && /[^ -~]/.test(value);
    const text = (delayed: boolean): string => (within ? `%~dp0${cmdValue(value.slice(directory.length + 1), delayed)}` : cmdValue(value, delayed)) + rest;
    if (text(true) === text(false)) return `@set "${name}=${text(false)}"`;
    return `@if "!!"=="" set "${name}=${text(true)}"\n@if not "!!"=="" set "${name}=${text(false)}"`;
  };
  const lines = [
    `@rem ${title}`,
    '@rem For cmd: `call` it; the same with /off undoes it. It starts no program.',
    '@if not defined _WASIENV_NAMES goto wasienv_on',
    '@for %%N in (%_WASIENV_NAMES%) do @call set "%%N=%%_WASIENV_OLD_%%N%%"',
    '@for %%N in (%_WASIENV_NAMES%) do @set "_WASIENV_OLD_%%N="',
    '@set "_WASIENV_NAMES="',
    ':wasienv_on',
    '@if /i "%~1"=="/off" exit /b 0',
    ...[...variables.map(({ name }) => name), ...(path.length === 0 ? [] : ['PATH'])].map((name) => `@set "_WASIENV_OLD_${name}=%${name}%"`),
    `@set "_WASIENV_NAMES=${[...variables.map(({ name }) => name), ...(path.length === 0 ? [] : ['PATH'])].join(' ')}"`,
    ...variables.map(({ name, value }) => set(name, value)),
    ...path.toReversed().map((each) => set('PATH', each, ';%PATH%')),
    '@exit /b 0',
  ];
  return `${lines.join('\n')}\n`.replaceAll('\n', '\r\n');
}
