// Loaded with `node --import`: writes the URL of every module that is loaded into the file WASIENV_TEST_TRACE names: ES
// modules, CommonJS, and the files of the bundle, of which bin/bundle.js makes scripts.
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';

const hooks = `
import { appendFileSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const result = await next(specifier, context);
  appendFileSync(process.env.WASIENV_TEST_TRACE, result.url + '\\n');
  return result;
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const note = (file) => appendFileSync(process.env.WASIENV_TEST_TRACE, `${pathToFileURL(file).href}\n`);

const { _compile } = Module.prototype;
Module.prototype._compile = function (source, file, ...rest) {
  note(file);
  return _compile.call(this, source, file, ...rest);
};

vm.Script = class extends vm.Script {
  constructor(source, options) {
    if (path.isAbsolute(options?.filename ?? '')) note(options.filename);
    super(source, options);
  }
};
