// bin/wasienv.js as it is without the bundle: for tests that watch which file of dist/ is loaded when.
import { main } from '../../dist/cli/main.js';

process.exitCode = await main(process);
