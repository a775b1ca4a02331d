// A process that sets up, for tests that kill it, starve it or run many at once. Its answer: one JSON line for each
// event on stdout, and at the end `{"ok":true}` or `{"error":{...}}`. Everything it needs comes in as JSON in argv.
import { planSetup, runPlan } from '../../dist/toolchain/index.js';

const { request, home, env, cwd, transfer } = JSON.parse(process.argv[2]);
const say = (data) => process.stdout.write(`${JSON.stringify(data)}\n`);
const controller = new AbortController();
process.on('SIGINT', () => controller.abort());
const context = { home, env, cwd, platform: process.platform, signal: controller.signal };
try {
  const plan = await planSetup(request, context);
  const { changed, toolchain } = await runPlan(plan, { ...context, emit: say, now: Date.now, transfer });
  say({ ok: true, changed, version: toolchain.version });
} catch (error) {
  say({ error: { code: error.code, message: error.message, where: error.where, next: error.next, stack: error.stack } });
}
