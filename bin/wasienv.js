#!/usr/bin/env node
// Kept to syntax that any Node.js can parse, so that one that is too old gets an answer instead of a SyntaxError. Everything
// else happens in dist/cli/main.js, or in the bundle of it that scripts/bundle.mjs makes and bundle.js loads.
'use strict';
var fs = require('fs');
var path = require('path');

var wanted = [20, 18, 1];
var found = process.versions.node.split('.').map(Number);
var tooOld = false;
for (var i = 0; i < 3; i += 1) {
  if (found[i] === wanted[i]) continue;
  tooOld = found[i] < wanted[i];
  break;
}

if (tooOld) {
  process.stderr.write(
    'error[E_NODE_TOO_OLD]: wasienv needs Node.js ' + wanted.join('.') + ' or newer, and this is ' + process.versions.node + '\n' +
    '  from   ' + process.execPath + '\n' +
    '  next   install a newer Node.js (an LTS release will do) and run the same command again\n'
  );
  process.exitCode = 1;
} else if (bundled()) {
  try {
    var bundle = require('./bundle.js').loadBundle(process.argv[2]);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    notBuilt(error);
  }
  if (bundle) {
    bundle.main(process).then(function (code) {
      process.exitCode = code;
      // What went wrong is not what the next process will do.
      if (code === 0) bundle.keep();
    });
  }
} else {
  import('../dist/cli/main.js').then(
    function (cli) {
      return cli.main(process).then(function (code) {
        process.exitCode = code;
      });
    },
    function (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      notBuilt(error);
    }
  );
}

function notBuilt(error) {
  process.stderr.write(
    'error[E_NOT_BUILT]: this copy of wasienv is not complete\n' +
    '  from   ' + error.message + '\n' +
    '  next   in a checkout run `npm ci`, which builds it; an installed copy needs to be installed again\n'
  );
  process.exitCode = 1;
}

/** A bundle older than the files it was made of is passed over: somebody ran the compiler alone. */
function bundled() {
  try {
    var directory = path.join(__dirname, '..', 'dist');
    return fs.statSync(path.join(directory, 'bundle', 'main.cjs')).mtimeMs >= fs.statSync(path.join(directory, 'cli', 'main.js')).mtimeMs;
  } catch (error) {
    return false;
  }
}
