#!/usr/bin/env node
// Kept to syntax that any Node.js with ES modules can parse, so that one that is too old gets an answer instead of
// a SyntaxError. Everything else happens in dist/cli/main.js, or in the bundle of it that scripts/bundle.mjs makes. Node's
// compile cache stays off: it would write outside of wasienv's home.
import { statSync } from 'node:fs';

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
} else {
  import(bundled() ? '../dist/bundle/main.js' : '../dist/cli/main.js').then(
    function (cli) {
      return cli.main(process).then(function (code) {
        process.exitCode = code;
      });
    },
    function (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      process.stderr.write(
        'error[E_NOT_BUILT]: this copy of wasienv is not complete\n' +
        '  from   ' + error.message + '\n' +
        '  next   in a checkout run `npm ci`, which builds it; an installed copy needs to be installed again\n'
      );
      process.exitCode = 1;
    }
  );
}

/** A bundle older than the files it was made of is passed over: somebody ran the compiler alone. */
function bundled() {
  try {
    return statSync(new URL('../dist/bundle/main.js', import.meta.url)).mtimeMs >= statSync(new URL('../dist/cli/main.js', import.meta.url)).mtimeMs;
  } catch (error) {
    return false;
  }
}
