// The environment for nu, as a text to `source`. Runs no program. What was there before is kept in a record, which nu
// does not export; PATH is a list in nu.
import { nuQuote } from './quote.js';
import type { ToolEnvironment } from './variables.js';

const PROLOGUE = `def --env wasienv_deactivate [] {
  if '__wasienv' in $env {
    let state = $env.__wasienv
    for name in $state.names {
      if $name in $state.old { load-env { ($name): ($state.old | get $name) } } else { hide-env --ignore-errors $name }
    }
    if 'new_path' in $state {
      if $env.PATH == $state.new_path { $env.PATH = $state.old_path } else {
        # Somebody else changed PATH since: take out only what is ours.
        $env.PATH = ($env.PATH | where { |directory| $directory not-in $state.directories })
      }
    }
    hide-env __wasienv
  }
}
def --env __wasienv_set [name: string, value: string] {
  let state = $env.__wasienv
  let old = (if $name in $env { $state.old | upsert $name ($env | get $name) } else { $state.old })
  $env.__wasienv = ($state | merge { names: ($state.names | append $name), old: $old })
  load-env { ($name): $value }
}
wasienv_deactivate
$env.__wasienv = { names: [], old: {} }
`;

export function renderNu({ variables, path }: ToolEnvironment, title: string): string {
  const lines = variables.map(({ name, value }) => `__wasienv_set ${name} ${nuQuote(value)}\n`);
  const setPath = path.length === 0 ? '' : `$env.__wasienv = ($env.__wasienv | merge { directories: [${path.map(nuQuote).join(' ')}], old_path: $env.PATH })
$env.PATH = ($env.__wasienv.directories | append $env.PATH)
$env.__wasienv = ($env.__wasienv | merge { new_path: $env.PATH })
`;
  return `# ${title}
# For nu: read it with \`source\`; \`wasienv_deactivate\` undoes it. It starts no program.
${PROLOGUE}${lines.join('')}${setPath}`;
}
