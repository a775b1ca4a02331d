// Loads the bundle that scripts/bundle.mjs made, and the code V8 made of it in an earlier process: to read and compile JavaScript
// takes more than half of what a short command costs above Node itself. Node's own compile cache (from 22.1) saves a third of
// what this does, for it keeps what was compiled when a file was loaded, and functions are compiled when they are called.
//
// It is code, so it lies beside the code it was made of, where nobody can put any who could not change the bundle itself:
// dist/bundle/compiled/NODE/COMMAND.code, like Python's __pycache__. Only the owner of that directory writes there; where it
// cannot be written nothing is kept, and nothing said. NODE_DISABLE_COMPILE_CACHE turns it off, as it does Node's own.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const DIRECTORY = path.join(__dirname, '../dist/bundle');

/** What stands for the command in names of files: its name, or `--help`; undefined for what can be neither. */
function nameOf(argument) {
  return argument !== undefined && /^[a-z-][a-z+-]{0,30}$/.test(argument) ? argument : undefined;
}

/** For modules that CommonJS cannot load on every Node. Code out of a file cannot import. */
const importModule = (id) => import(id);

/** `{ main, keep }`: the command line, and what keeps the code made in this process for the next. */
exports.loadBundle = function loadBundle(argument) {
  const name = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : nameOf(argument);
  const file = name && path.join(DIRECTORY, 'compiled', `${process.version}-${process.arch}`, `${name}.code`);
  const known = file === undefined ? new Map() : read(file);
  const loaded = new Map();
  let isNew = false;

  function load(id) {
    const place = path.join(DIRECTORY, id);
    const there = loaded.get(id);
    if (there !== undefined) return there.module.exports;
    // The body of a CommonJS module as one function, in ASCII: the bundler sees to it.
    const source = fs.readFileSync(place, 'latin1');
    const { mtimeMs } = fs.statSync(place);
    const code = known.get(id);
    const cachedData = code?.mtimeMs === mtimeMs && code.size === source.length ? code.bytes : undefined;
    const script = new vm.Script(source, { filename: place, cachedData });
    isNew ||= cachedData === undefined || script.cachedDataRejected;
    const module = { exports: {} };
    loaded.set(id, { module, script, mtimeMs, size: source.length });
    script.runInThisContext().call(module.exports, module.exports, (wanted) => (wanted.startsWith('./') ? load(wanted.slice(2)) : require(wanted)), module, place, DIRECTORY, importModule);
    return module.exports;
  }

  const { main } = load('main.cjs');
  return {
    main,
    keep() {
      // Other settings of V8 make other code: it would be made anew each time they change.
      if (isNew && file !== undefined && process.execArgv.length === 0 && !process.env.NODE_OPTIONS && !process.env.NODE_V8_COVERAGE) write(file, known, loaded);
    },
  };
};

/** By file of the bundle: `{ size, mtimeMs, bytes }`, the former two those of the file when `bytes` were made. */
function read(file) {
  const kept = new Map();
  try {
    const all = fs.readFileSync(file);
    // What says where everything is comes last: a copy that was cut short has none. (V8 looks at the head of its data alone.)
    const end = all.length - WIDTH;
    for (const { id, size, mtimeMs, from, to } of JSON.parse(all.latin1Slice(Number(all.latin1Slice(end)), end))) kept.set(id, { size, mtimeMs, bytes: all.subarray(from, to) });
  } catch {
    // None yet, or none that is any use.
  }
  return kept;
}

/** Characters of the last number of a file. */
const WIDTH = 12;

function packed(all) {
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [id, { size, mtimeMs, bytes }] of all) {
    entries.push({ id, size, mtimeMs, from: at, to: at + bytes.length });
    // V8 copies what does not begin at a word.
    const filling = Buffer.alloc(-bytes.length & 7);
    parts.push(bytes, filling);
    at += bytes.length + filling.length;
  }
  return Buffer.concat([...parts, Buffer.from(JSON.stringify(entries) + String(at).padStart(WIDTH))]);
}

/** The code of what was loaded, with what had been compiled of it by now, and of what is known besides. */
function write(file, known, loaded) {
  const temporary = `${file}.${process.pid}`;
  try {
    if (process.getuid !== undefined && fs.statSync(DIRECTORY).uid !== process.getuid()) return;
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    fs.accessSync(path.dirname(file), fs.constants.W_OK);
    const all = new Map(known);
    for (const [id, { script, size, mtimeMs }] of loaded) all.set(id, { size, mtimeMs, bytes: script.createCachedData() });
    const descriptor = fs.openSync(temporary, 'wx', 0o644);
    try {
      fs.writeFileSync(descriptor, packed(all));
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}
