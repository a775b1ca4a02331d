// Every errno of every function, by its cause: a real program in C makes the call, on each engine, on a real disk. What the
// source names before a function must have a case here, and what a case sees must be named there.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Errno, type ErrnoName } from '../../src/wasi/abi.js';
import { openSockets } from '../../src/wasi/host/sockets.js';
import { preview1Calls } from '../../src/wasi/preview1.js';
import { compileCaller, runScript, type ScriptOptions } from './caller.js';
import { ENGINES } from './engines.js';
import { makeDirectory } from './support.js';

beforeAll(() => compileCaller());

interface Scene {
  readonly inside: string;
}

interface Case {
  /** The function, as the first word of the last statement. */
  readonly errno: ErrnoName;
  readonly cause: string;
  readonly script: readonly string[];
  readonly readOnly?: boolean;
  readonly times?: number;
  /** What the scene needs besides; what it gives is closed after the run. */
  readonly prepare?: (scene: Scene) => { readonly options?: Partial<ScriptOptions>; readonly after?: () => void };
}

const functionOf = ({ script }: Case): string => script.at(-1)!.split(' ', 1)[0]!;

const READ = 2;
const WRITE = 64;
/** Slot 0 gets a file open to read and write, slot 1 a directory. */
const FILE = `path_open 3 1 "file" 0 ${READ | WRITE | 0x0fff_ffff} 0 0 &0`;
const DIR = 'path_open 3 1 "dir" 2 0 0 0 &1';
const [READER, WRITER] = [`path_open 3 1 "file" 0 ${READ} 0 0 &0`, `path_open 3 1 "file" 0 ${WRITE} 0 0 &0`];
const GIVE_UP = (slot: string): string => `fd_fdstat_set_rights ${slot} 0 0`;
const X300 = 'x'.repeat(300);

const cases: Case[] = [];
const add = (errno: ErrnoName, cause: string, script: string | readonly string[], more: Partial<Case> = {}): void => {
  cases.push({ errno, cause, script: typeof script === 'string' ? [script] : script, ...more });
};

// Arguments, environment, clocks, chance, end.
for (const name of ['args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get']) {
  add('fault', 'the first result', `${name} E-3 &0`);
  add('fault', 'the second result', `${name} &0 E+1`);
}
for (const name of ['clock_res_get 4 &0', 'clock_time_get 4 0 &0', 'clock_res_get -1 &0', 'clock_time_get 0x80000000 0 &0']) add('inval', 'no such clock', name);
for (const name of ['clock_res_get 0 E-7', 'clock_time_get 1 0 E-7']) add('fault', 'the result', name);
add('fault', 'the buffer', 'random_get E-1 2');
add('fault', 'a length that wraps', 'random_get 16 -8');
add('inval', 'no such signal', 'proc_raise 31');
add('notsup', 'a signal that stops', 'proc_raise 18');
add('inval', 'no subscriptions', 'poll_oneoff 16 1024 0 &0');
add('inval', 'an unknown kind', ['random_get #48', 'poke8 %+8 3', 'poll_oneoff % &0 1 &8']);
add('inval', 'more than are accepted', 'poll_oneoff 16 16 70000 &0');
add('fault', 'the subscriptions', 'poll_oneoff E-47 16 1 &0');
add('fault', 'the events', ['random_get #48', 'poll_oneoff % E-31 1 &0']);
add('fault', 'the count', 'poll_oneoff 16 1024 1 E-3');
add('fault', 'a huge number of subscriptions', 'poll_oneoff 16 1024 -1 &0');

// Descriptors: not open, of the wrong kind, given up, no memory.
const onFile: Readonly<Record<string, string>> = {
  fd_advise: '0 0 0', fd_allocate: '0 100', fd_datasync: '', fd_fdstat_get: '&2', fd_fdstat_set_flags: '0', fd_fdstat_set_rights: '0 0',
  fd_filestat_get: '&2', fd_filestat_set_size: '5', fd_filestat_set_times: '0 0 5', fd_pread: '[#4] 0 &2', fd_pwrite: '["x"] 0 &2',
  fd_read: '[#4] &2', fd_write: '["x"] &2', fd_seek: '1 0 &2', fd_sync: '', fd_tell: '&2', fd_close: '', fd_renumber: '0',
};
for (const [name, rest] of Object.entries(onFile)) {
  for (const fd of ['77', '-1', '0x7fffffff']) add('badf', `not open: ${fd}`, `${name} ${fd} ${rest}`);
  add('badf', 'closed', [FILE, 'fd_close *0', `${name} *0 ${rest}`]);
}
for (const name of ['fd_allocate', 'fd_advise', 'fd_datasync', 'fd_fdstat_set_flags', 'fd_filestat_set_size', 'fd_pread', 'fd_pwrite', 'fd_read', 'fd_write', 'fd_seek', 'fd_sync', 'fd_tell']) {
  add('badf', 'a directory', `${name} 3 ${onFile[name]!}`);
}
for (const name of ['fd_advise', 'fd_allocate', 'fd_datasync', 'fd_fdstat_set_flags', 'fd_filestat_get', 'fd_filestat_set_size', 'fd_filestat_set_times', 'fd_pread', 'fd_pwrite', 'fd_read', 'fd_write', 'fd_seek', 'fd_sync', 'fd_tell']) {
  add('notcapable', 'given up', [FILE, GIVE_UP('*0'), `${name} *0 ${onFile[name]!}`]);
}
for (const name of ['fd_pread', 'fd_pwrite']) add('notcapable', 'seeking given up', [FILE, `fd_fdstat_set_rights *0 ${READ | WRITE} 0`, `${name} *0 ${onFile[name]!}`]);
for (const name of ['fd_advise', 'fd_allocate', 'fd_filestat_set_size', 'fd_pread', 'fd_seek', 'fd_tell']) add('spipe', 'a stream', `${name} 0 ${onFile[name]!}`);
add('spipe', 'a stream', 'fd_pwrite 1 ["x"] 0 &2');
for (const name of ['fd_allocate', 'fd_filestat_set_size', 'fd_write', 'fd_pwrite']) add('badf', 'open to read', [READER, `${name} *0 ${onFile[name]!}`]);
for (const name of ['fd_read', 'fd_pread']) add('badf', 'open to write', [WRITER, `${name} *0 ${onFile[name]!}`]);
add('badf', 'reading standard output', 'fd_read 1 [#4] &0');
add('badf', 'writing standard input', 'fd_write 0 ["x"] &0');
add('badf', 'the times of a stream', 'fd_filestat_set_times 1 0 0 5');
add('inval', 'no such advice', [FILE, 'fd_advise *0 0 0 6']);
add('inval', 'a range beyond 2^63', [FILE, 'fd_advise *0 0x7fffffffffffffff 1 0']);
add('inval', 'no length', [FILE, 'fd_allocate *0 0 0']);
add('fbig', 'a range beyond 2^63', [FILE, 'fd_allocate *0 0x7fffffffffffffff 1']);
add('fbig', 'a range that wraps', [FILE, 'fd_allocate *0 -1 2']);
add('fbig', 'larger than any file', [FILE, 'fd_filestat_set_size *0 0x7fffffffffffffff']);
add('inval', 'no such flag', [FILE, 'fd_fdstat_set_flags *0 32']);
add('notcapable', 'asking for more', [FILE, GIVE_UP('*0'), 'fd_fdstat_set_rights *0 1 0']);
add('notcapable', 'asking to hand down more', [FILE, 'fd_fdstat_set_rights *0 0 1']);
add('notcapable', 'a right there is not', 'fd_fdstat_set_rights 3 0x4000000000000000 0');
for (const flags of ['3', '12', '15', '16', '0x80']) add('inval', `times: flags ${flags}`, [FILE, `fd_filestat_set_times *0 0 0 ${flags}`]);
add('rofs', 'times below a read-only directory', [READER, 'fd_filestat_set_times *0 0 0 5'], { readOnly: true });
add('rofs', 'times of a read-only directory', 'fd_filestat_set_times 3 0 0 5', { readOnly: true });
for (const name of ['fd_pread', 'fd_pwrite']) for (const offset of ['-1', '0x20000000000000']) add('inval', `an offset of ${offset}`, [FILE, `${name} *0 [#4] ${offset} &2`]);
for (const [whence, offset] of [['0', '-1'], ['1', '-100'], ['2', '-100'], ['3', '0'], ['-1', '0'], ['0', '0x7fffffffffffffff']] as const) add('inval', `whence ${whence}, ${offset}`, [FILE, `fd_seek *0 ${offset} ${whence} &2`]);
add('badf', 'no preopen', [DIR, 'fd_prestat_get *1 &2']);
add('badf', 'no preopen', [DIR, 'fd_prestat_dir_name *1 #8']);
add('badf', 'not open', 'fd_prestat_get 77 &2');
add('badf', 'not open', 'fd_prestat_dir_name 77 #8');
add('badf', 'a standard stream', 'fd_prestat_get 1 &2');
add('nametoolong', 'a short buffer', 'fd_prestat_dir_name 3 &0 0');
for (const script of ['fd_prestat_get 3 E-7', 'fd_prestat_dir_name 3 E 1', 'fd_fdstat_get 3 E-23', 'fd_filestat_get 3 E-63']) add('fault', 'the result', script);
for (const name of ['fd_read', 'fd_write']) {
  add('fault', 'the count', [FILE, `${name} *0 [#4] E-3`]);
  add('fault', 'the list', [FILE, `${name} *0 E-7 1 &2`]);
  add('fault', 'a list of 2^32 - 1', [FILE, `${name} *0 0 -1 &2`]);
  add('fault', 'a buffer', [FILE, 'random_get #8', 'poke32 % 16', 'poke32 %+4 -1', `${name} *0 % 1 &2`]);
  add('fault', 'a buffer that wraps', [FILE, 'random_get #8', 'poke32 % -16', 'poke32 %+4 32', `${name} *0 % 1 &2`]);
}
for (const name of ['fd_pread', 'fd_pwrite']) {
  add('fault', 'the count', [FILE, `${name} *0 [#4] 0 E-3`]);
  add('fault', 'the list', [FILE, `${name} *0 E-7 1 0 &2`]);
}
add('fault', 'the result', [FILE, 'fd_seek *0 0 0 E-7']);
add('fault', 'the result', [FILE, 'fd_tell *0 E-7']);
add('badf', 'the other is not open', 'fd_renumber 3 77');
add('nospc', 'a full device', ['path_open 3 1 "full" 0 64 0 0 &0', 'fd_write *0 ["x"] &2'], { prepare: () => ({ options: { preopens: [{ host: '/dev', guest: '/' }] } }) });

const fifo = ({ inside }: Scene): { readonly name: string; readonly held: number } => {
  const name = path.join(inside, 'fifo');
  expect(spawnSync('mkfifo', [name]).status).toBe(0);
  return { name, held: fs.openSync(name, fs.constants.O_RDWR | fs.constants.O_NONBLOCK) };
};
add('again', 'a pipe with nothing in it', ['path_open 3 1 "fifo" 0 2 0 4 &0', 'fd_read *0 [#4] &2'], {
  prepare(scene) {
    const { held } = fifo(scene);
    return { after: () => fs.closeSync(held) };
  },
});
add('again', 'a pipe that is full', ['path_open 3 1 "fifo" 0 64 0 4 &0', 'fd_write *0 ["x"] &2'], {
  prepare(scene) {
    const { held } = fifo(scene);
    expect(() => {
      for (;;) fs.writeSync(held, new Uint8Array(4096));
    }).toThrow(/EAGAIN/);
    return { after: () => fs.closeSync(held) };
  },
});
add('pipe', 'nobody reads', 'fd_write 2 ["x"] &2', {
  prepare(scene) {
    const { name, held } = fifo(scene);
    const stderr = fs.openSync(name, 'w');
    fs.closeSync(held);
    return { options: { stderr }, after: () => fs.closeSync(stderr) };
  },
});

// Directories.
add('badf', 'not open', 'fd_readdir 77 #64 0 &2');
add('notdir', 'a file', [FILE, 'fd_readdir *0 #64 0 &2']);
add('notdir', 'a stream', 'fd_readdir 0 #64 0 &2');
add('notcapable', 'given up', [GIVE_UP('3'), 'fd_readdir 3 #64 0 &2']);
add('inval', 'no such cookie', 'fd_readdir 3 #64 1000 &2');
add('inval', 'a huge cookie', 'fd_readdir 3 #64 -1 &2');
add('fault', 'the buffer', 'fd_readdir 3 E-1 2 0 &2');
add('fault', 'a buffer of 2^32 - 1', 'fd_readdir 3 16 -1 0 &2');
add('fault', 'the count', 'fd_readdir 3 #64 0 E-3');

// Paths. Each function with the descriptor and the path to put in.
type OnPath = (fd: string, path: string) => string;
const READING: readonly OnPath[] = [
  (fd, at) => `path_filestat_get ${fd} 1 ${at} &2`,
  (fd, at) => `path_open ${fd} 1 ${at} 0 2 0 0 &2`,
  (fd, at) => `path_readlink ${fd} ${at} &4 8 &2`,
];
const CHANGING: readonly (readonly [OnPath, good: string])[] = [
  [(fd, at) => `path_create_directory ${fd} ${at}`, '"new"'],
  [(fd, at) => `path_filestat_set_times ${fd} 1 ${at} 0 0 5`, '"file"'],
  [(fd, at) => `path_link ${fd} 0 ${at} 3 "new"`, '"file"'],
  [(fd, at) => `path_link 3 0 "file" ${fd} ${at}`, '"new"'],
  [(fd, at) => `path_remove_directory ${fd} ${at}`, '"empty"'],
  [(fd, at) => `path_rename ${fd} ${at} 3 "new"`, '"file"'],
  [(fd, at) => `path_rename 3 "file" ${fd} ${at}`, '"new"'],
  [(fd, at) => `path_symlink "file" ${fd} ${at}`, '"new"'],
  [(fd, at) => `path_unlink_file ${fd} ${at}`, '"file"'],
];
for (const on of [...READING, ...CHANGING.map(([on]) => on)]) {
  add('badf', 'not open', on('77', '"file"'));
  add('badf', 'not open: -1', on('-1', '"file"'));
  add('notdir', 'below a file', [FILE, on('*0', '"file"')]);
  add('notdir', 'below a stream', on('1', '"file"'));
  add('notcapable', 'given up', [DIR, GIVE_UP('*1'), on('*1', '"file"')]);
  add('perm', 'dots', on('3', '"../x"'));
  add('perm', 'dots from within', on('3', '"dir/../../x"'));
  add('perm', 'an absolute path', on('3', '"/file"'));
  add('perm', 'a link out on the way', on('3', '"out/x"'));
  add('noent', 'a missing directory', on('3', '"missing/x"'));
  add('noent', 'an empty path', on('3', '""'));
  add('notdir', 'a file on the way', on('3', '"file/x"'));
  add('loop', 'links in a circle', on('3', '"turn/x"'));
  add('nametoolong', 'a long name', on('3', `"dir/${X300}/x"`));
  add('nametoolong', 'a long path', on('3', `"${'dir/../'.repeat(700)}file"`));
  add('inval', 'a NUL', on('3', '"dir\\x00/x"'));
  add('ilseq', 'not UTF-8', on('3', '"\\xff\\xfe"'));
  add('fault', 'a path past the end', on('3', 'E-2 4'));
  add('fault', 'a path that wraps', on('3', '-4 8'));
  add('fault', 'a path of 2^32 - 1', on('3', '16 -1'));
}
for (const [on, good] of CHANGING) add('rofs', 'a directory for reading only', on('3', good), { readOnly: true });
add('fault', 'the target of a link', 'path_symlink E-2 4 3 "new"');
add('ilseq', 'the target of a link', 'path_symlink "\\xff" 3 "new"');
for (const taken of ['file', 'dir', 'link', 'turn', '.', 'dir/..']) add('exist', taken, `path_create_directory 3 "${taken}"`);
for (const script of ['path_filestat_get 3 1 "file" E-63', 'path_open 3 1 "file" 0 2 0 0 E-3', 'path_readlink 3 "link" &0 8 E-3', 'path_readlink 3 "link" E-1 2 &0']) add('fault', 'the result', script);
for (const script of ['path_filestat_get 3 2 "file" &0', 'path_filestat_set_times 3 2 "file" 0 0 5', 'path_link 3 2 "file" 3 "new"', 'path_open 3 2 "file" 0 2 0 0 &0']) add('inval', 'an unknown lookup flag', script);
for (const flags of ['3', '12', '16']) add('inval', `times: flags ${flags}`, `path_filestat_set_times 3 0 "file" 0 0 ${flags}`);
for (const taken of ['file', 'dir', 'link', 'turn', '.']) add('exist', taken, `path_link 3 0 "file" 3 "${taken}"`);
add('inval', 'following a link', 'path_link 3 1 "link" 3 "new"');
add('perm', 'a directory', 'path_link 3 0 "dir" 3 "new"');
add('perm', 'the directory itself', 'path_link 3 0 "." 3 "new"');
for (const taken of ['file', 'dir', 'link', 'turn']) add('exist', taken, `path_open 3 0 "${taken}" 5 64 0 0 &0`);
add('isdir', 'a directory, to write', 'path_open 3 1 "dir" 0 64 0 0 &0');
add('isdir', 'a directory, to truncate', 'path_open 3 1 "dir" 8 2 0 0 &0');
add('isdir', 'a directory, to create', 'path_open 3 1 "dir" 1 2 0 0 &0');
add('isdir', 'a new file with a slash', 'path_open 3 1 "new/" 1 64 0 0 &0');
add('loop', 'a link, not followed', 'path_open 3 0 "link" 0 2 0 0 &0');
add('notdir', 'a file, as a directory', 'path_open 3 1 "file" 2 0 0 0 &0');
add('inval', 'unknown open flags', 'path_open 3 1 "file" 16 2 0 0 &0');
add('inval', 'unknown descriptor flags', 'path_open 3 1 "file" 0 2 0 32 &0');
add('inval', 'a new directory', 'path_open 3 1 "new" 3 0 0 0 &0');
add('perm', 'truncating without the right', ['fd_fdstat_set_rights 3 0x2000 66', 'path_open 3 1 "file" 8 64 0 0 &0']);
add('notcapable', 'creating without the right', ['fd_fdstat_set_rights 3 0x2000 66', 'path_open 3 1 "new" 1 64 0 0 &0']);
add('notcapable', 'reading that is not handed down', ['fd_fdstat_set_rights 3 0x2000 64', 'path_open 3 1 "file" 0 2 0 0 &0']);
add('notcapable', 'writing that is not handed down', ['fd_fdstat_set_rights 3 0x2000 2', 'path_open 3 1 "file" 0 64 0 0 &0']);
for (const flag of [2, 8, 16]) add('notcapable', 'synchronising that is not handed down', ['fd_fdstat_set_rights 3 0x2000 66', `path_open 3 1 "file" 0 64 0 ${flag} &0`]);
for (const [what, oflags, rights] of [['writing', 0, 64], ['creating', 1, 2], ['truncating', 8, 2]] as const) add('rofs', what, `path_open 3 1 "file" ${oflags} ${rights} 0 0 &0`, { readOnly: true });
add('mfile', 'too many open', ['times 1030', 'path_open 3 1 "." 0 0 0 0 &0'], { times: 1030 });
add('txtbsy', 'a program that runs', 'path_open 3 1 "program" 0 64 0 0 &0', {
  prepare({ inside }) {
    const program = path.join(inside, 'program');
    fs.copyFileSync('/bin/sleep', program);
    fs.chmodSync(program, 0o755);
    const child = spawn(program, ['1000'], { stdio: 'ignore' });
    return { after: () => void child.kill('SIGKILL') };
  },
});
for (const other of ['file', 'dir', '.']) add('inval', `no link: ${other}`, `path_readlink 3 "${other}" &0 8 &2`);
add('notempty', 'something in it', 'path_remove_directory 3 "dir"');
for (const other of ['file', 'link', 'turn', 'dirlink', 'dirlink/', 'file/']) add('notdir', other, `path_remove_directory 3 "${other}"`);
add('inval', 'the directory itself', 'path_remove_directory 3 "."');
add('isdir', 'a directory by a file', 'path_rename 3 "file" 3 "empty"');
add('notdir', 'a file by a directory', 'path_rename 3 "dir" 3 "file"');
add('notdir', 'a file to a name with a slash', 'path_rename 3 "file" 3 "new/"');
add('notempty', 'a directory that is not empty', 'path_rename 3 "empty" 3 "dir"');
add('inval', 'into itself', 'path_rename 3 "dir" 3 "dir/new"');
add('busy', 'the directory itself', 'path_rename 3 "." 3 "new"');
add('busy', 'over the directory itself', 'path_rename 3 "dir" 3 "."');
add('perm', 'an absolute target', 'path_symlink "/etc/passwd" 3 "new"');
for (const taken of ['file', 'dir', 'link', 'turn', '.']) add('exist', taken, `path_symlink "file" 3 "${taken}"`);
add('inval', 'a NUL in the target', 'path_symlink "a\\x00b" 3 "new"');
add('noent', 'an empty target', 'path_symlink "" 3 "new"');
for (const other of ['dir', 'empty', 'dir/', '.']) add('isdir', other, `path_unlink_file 3 "${other}"`);
add('notdir', 'a file with a slash', 'path_unlink_file 3 "file/"');

/** A second file system is there on every Linux; where it is not, what crosses it cannot be tried. */
const twoDisks = fs.existsSync('/dev/shm') && fs.statSync('/dev/shm').dev !== fs.statSync('/tmp').dev;
const across = (inside: string): ReturnType<NonNullable<Case['prepare']>> => {
  const there = fs.mkdtempSync('/dev/shm/wasienv-');
  return { options: { preopens: [{ host: inside, guest: '/' }, { host: there, guest: '/there' }] }, after: () => fs.rmSync(there, { recursive: true }) };
};
if (twoDisks) {
  add('xdev', 'another file system', 'path_link 3 0 "file" 4 "new"', { prepare: ({ inside }) => across(inside) });
  add('xdev', 'another file system', 'path_rename 3 "file" 4 "new"', { prepare: ({ inside }) => across(inside) });
}

function furnish(): Scene {
  const inside = path.join(makeDirectory(), 'inside');
  fs.mkdirSync(path.join(inside, 'dir'), { recursive: true });
  fs.mkdirSync(path.join(inside, 'empty'));
  fs.mkdirSync(path.join(inside, '..', 'outside'));
  fs.writeFileSync(path.join(inside, 'file'), '0123456789');
  fs.writeFileSync(path.join(inside, 'dir', 'file'), 'nested');
  fs.symlinkSync('file', path.join(inside, 'link'));
  fs.symlinkSync('dir', path.join(inside, 'dirlink'));
  fs.symlinkSync('turn', path.join(inside, 'turn'));
  fs.symlinkSync('../outside', path.join(inside, 'out'));
  return { inside };
}

describe.each(ENGINES)('on $name', (engine) => {
  test.each(cases.map((one) => [functionOf(one), one.errno, one.cause, one] as const))('%s: %s (%s)', (_call, errno, _cause, one) => {
    const scene = furnish();
    const { options = {}, after } = one.prepare?.(scene) ?? {};
    try {
      const preopens = [{ host: scene.inside, guest: '/', readOnly: one.readOnly ?? false }];
      const said = runScript(engine, one.script, { preopens, env: { NAME: 'value' }, times: one.times ?? 1, ...options });
      expect(said.at(-1)).toBe(errno);
      // What leads up to it went well.
      if (one.times === undefined) expect(said.slice(0, -1).every((each) => each === 'success')).toBe(true);
    } finally {
      after?.();
    }
  });
});

// Sockets: the peer has connected, said something or broken off before the program starts.
type Peer = 'none' | 'silent' | 'says hello' | 'breaks off' | 'ends';
const ACCEPT = 'sock_accept 3 0 &0';
const NONBLOCK = (slot: string): string => `fd_fdstat_set_flags ${slot} 4`;
const socketCases: (readonly [errno: ErrnoName, cause: string, peer: Peer, script: readonly string[], times?: number])[] = [
  ['badf', 'not open', 'none', ['sock_accept 77 0 &0']],
  ['notsock', 'a stream', 'none', ['sock_accept 1 0 &0']],
  ['notcapable', 'given up', 'none', [GIVE_UP('3'), 'sock_accept 3 0 &0']],
  ['fault', 'the result', 'silent', ['sock_accept 3 0 E-3']],
  ['again', 'nobody there', 'none', [NONBLOCK('3'), 'sock_accept 3 0 &0']],
  ['inval', 'a connection', 'silent', [ACCEPT, 'sock_accept *0 0 &1']],
  ['inval', 'a flag of files', 'silent', ['sock_accept 3 1 &0']],
  ['mfile', 'too many open', 'none', [NONBLOCK('3'), 'times 1030', 'path_open 4 0 "." 0 0 0 0 &1', 'sock_accept 3 0 &0'], 1030],
  ['badf', 'not open', 'none', ['sock_recv 77 [#4] 0 &1 &2']],
  ['notsock', 'a stream', 'none', ['sock_recv 0 [#4] 0 &1 &2']],
  ['notcapable', 'given up', 'says hello', [ACCEPT, GIVE_UP('*0'), 'sock_recv *0 [#4] 0 &1 &2']],
  ['fault', 'the count', 'says hello', [ACCEPT, 'sock_recv *0 [#4] 0 E-3 &2']],
  ['fault', 'the flags', 'says hello', [ACCEPT, 'sock_recv *0 [#4] 0 &1 E-1']],
  ['fault', 'the list', 'says hello', [ACCEPT, 'sock_recv *0 E-7 1 0 &1 &2']],
  ['again', 'nothing there', 'silent', [ACCEPT, NONBLOCK('*0'), 'sock_recv *0 [#4] 0 &1 &2']],
  ['again', 'nothing there, from the start', 'silent', ['sock_accept 3 4 &0', 'sock_recv *0 [#4] 1 &1 &2']],
  ['notconn', 'a socket that listens', 'none', ['sock_recv 3 [#4] 0 &1 &2']],
  ['inval', 'an unknown flag', 'says hello', [ACCEPT, 'sock_recv *0 [#4] 4 &1 &2']],
  ['connreset', 'the peer broke off', 'breaks off', [ACCEPT, 'sock_recv *0 [#4] 0 &1 &2']],
  ['notconn', 'a socket that listens', 'none', ['fd_read 3 [#4] &1']],
  ['connreset', 'the peer broke off', 'breaks off', [ACCEPT, 'fd_read *0 [#4] &1']],
  ['again', 'nothing there', 'silent', [ACCEPT, NONBLOCK('*0'), 'fd_read *0 [#4] &1']],
  ['spipe', 'a connection', 'silent', [ACCEPT, 'fd_seek *0 0 0 &1']],
  ['badf', 'not open', 'none', ['sock_send 77 ["x"] 0 &1']],
  ['notsock', 'a stream', 'none', ['sock_send 1 ["x"] 0 &1']],
  ['notcapable', 'given up', 'silent', [ACCEPT, GIVE_UP('*0'), 'sock_send *0 ["x"] 0 &1']],
  ['fault', 'the count', 'silent', [ACCEPT, 'sock_send *0 ["x"] 0 E-3']],
  ['fault', 'the list', 'silent', [ACCEPT, 'sock_send *0 E-7 1 0 &1']],
  ['notconn', 'a socket that listens', 'none', ['sock_send 3 ["x"] 0 &1']],
  ['inval', 'a flag', 'silent', [ACCEPT, 'sock_send *0 ["x"] 1 &1']],
  ['pipe', 'shut down', 'silent', [ACCEPT, 'sock_shutdown *0 2', 'sock_send *0 ["x"] 0 &1']],
  ['pipe', 'shut down', 'silent', [ACCEPT, 'sock_shutdown *0 3', 'fd_write *0 ["x"] &1']],
  ['badf', 'not open', 'none', ['sock_shutdown 77 1']],
  ['notsock', 'a stream', 'none', ['sock_shutdown 1 1']],
  ['notcapable', 'given up', 'silent', [ACCEPT, GIVE_UP('*0'), 'sock_shutdown *0 1']],
  ['inval', 'neither way', 'silent', [ACCEPT, 'sock_shutdown *0 0']],
  ['inval', 'an unknown way', 'silent', [ACCEPT, 'sock_shutdown *0 4']],
  ['notconn', 'a socket that listens', 'none', ['sock_shutdown 3 1']],
];
/** Where a peer must do its part: sockets.test.ts, `kinds` (a standard stream that is a socket) and `flooding`. */
const ELSEWHERE: readonly (readonly [call: string, errno: ErrnoName])[] = [['sock_recv', 'notsup'], ['sock_send', 'again']];

describe.each(ENGINES)('sockets on $name', (engine) => {
  test.each(socketCases.map((one) => [one[3].at(-1)!.split(' ', 1)[0]!, ...one] as const))('%s: %s (%s)', async (_call, errno, _cause, peer, script, times = 1) => {
    const sockets = await openSockets([{ host: '127.0.0.1', port: 0 }]);
    const client = peer === 'none' ? undefined : net.connect({ port: sockets.addresses[0]!.port, host: '127.0.0.1' });
    client?.on('error', () => {});
    if (client !== undefined) await once(client, 'connect');
    if (peer === 'says hello') await new Promise((resolve) => client!.write('hello', resolve));
    if (peer === 'breaks off') client!.resetAndDestroy();
    try {
      // The listening socket comes after the directories; here it is moved to where the directory was.
      const preopens = [{ host: makeDirectory(), guest: '/' }];
      const swapped = ['path_open 3 0 "." 0 0 0 0 &9', 'fd_renumber 4 3', 'fd_renumber *9 *9', ...script.map((line) => line.replace(/^path_open 4/, 'path_open *9'))];
      const said = runScript(engine, swapped, { preopens, sockets, times });
      expect(said.at(-1)).toBe(errno);
      if (times === 1) expect(said.slice(0, -1).every((each) => each === 'success')).toBe(true);
    } finally {
      client?.destroy();
    }
  });
});

/** What the source says of each function: the errnos named before its row, and by the groups of its file's first lines. */
function promised(): Map<string, Set<ErrnoName>> {
  const found = new Map<string, Set<ErrnoName>>();
  const known = new Map((Object.keys(Errno) as ErrnoName[]).map((name) => [name[0]!.toUpperCase() + name.slice(1), name]));
  const named = (text: string): ErrnoName[] => [...text.matchAll(/(?<![\w-])([A-Z][a-z0-9]+)(?=[:.,])/g)].flatMap(([, word]) => known.get(word!) ?? []);
  const calls = path.resolve(import.meta.dirname, '..', '..', 'src', 'wasi', 'calls');
  for (const file of fs.readdirSync(calls)) {
    const source = fs.readFileSync(path.join(calls, file), 'utf8');
    const head = source.slice(0, source.indexOf('import ')).replaceAll('\n//', '');
    const group = (title: string): ErrnoName[] => {
      const text = new RegExp(`${title}[^:]*: (.*?\\.)(?: [A-Z]|\\n)`, 's').exec(head)?.[1] ?? '';
      return [...text.matchAll(/\b([A-Z][a-z]+)(?=,)/g)].flatMap(([, word]) => known.get(word!) ?? []);
    };
    const ofPath = group('Errnos of a path');
    for (const [, comment, name] of source.matchAll(/(?:\/\*\*((?:(?!\*\/).)*)\*\/\s+)?call\(\s*'(\w+)'/gs)) {
      const text = (comment ?? '').replace(/\n\s+\*/g, '');
      found.set(name!, new Set([
        ...named(text),
        ...(/Errnos of a (?:path|change)/.test(text) ? ofPath : []),
        ...(text.includes('Errnos of a change') ? (['rofs'] as const) : []),
      ]));
    }
  }
  return found;
}

describe('what the source says and what is shown', () => {
  const shown = new Map<string, Map<ErrnoName, number>>();
  const count = (call: string, errno: ErrnoName): void => {
    const row = shown.get(call) ?? new Map<ErrnoName, number>();
    row.set(errno, (row.get(errno) ?? 0) + 1);
    shown.set(call, row);
  };
  for (const one of cases) count(functionOf(one), one.errno);
  for (const [errno, , , script] of socketCases) count(script.at(-1)!.split(' ', 1)[0]!, errno);
  for (const [call, errno] of ELSEWHERE) count(call, errno);

  test('the source is understood: all 46 functions, and the groups', () => {
    expect([...promised().keys()].sort()).toEqual(preview1Calls.map(({ name }) => name).sort());
    expect(promised().get('path_unlink_file')!.size).toBeGreaterThan(10);
  });

  test.each(preview1Calls.map(({ name }) => name))('%s: every errno it names has a case, and no case sees another', (name) => {
    const named = [...promised().get(name)!].sort();
    const seen = [...(shown.get(name)?.keys() ?? [])].sort();
    const notHere = twoDisks ? [] : ['xdev'];
    expect(seen).toEqual(named.filter((errno) => !notHere.includes(errno)));
  });

  afterAll(() => {
    const rows = preview1Calls.map(({ name }) => `${name.padEnd(24)} ${[...(shown.get(name) ?? [])].map(([errno, times]) => `${errno} ${times}`).join(', ')}`);
    const total = cases.length + socketCases.length;
    console.log(`function                 errno and its cases (${total} on each of ${ENGINES.length} engines)\n${rows.join('\n')}`);
  });
});
