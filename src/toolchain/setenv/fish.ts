// The environment for fish 3 and later, as a text to `source`. Runs no program. Variables are lists in fish, and those
// whose name ends in PATH are joined with `:` when exported; so what was there before is kept as a list.
import { posixPath } from './posix.js';
import { fishQuote } from './quote.js';
import type { ToolEnvironment } from './variables.js';

const PROLOGUE = `function wasienv_deactivate --description 'undo the environment of wasienv'
    for name in $__wasienv_names
        set -l old __wasienv_old_$name
        set -eg $name
        if set -qg $old
            if contains -- $name $__wasienv_exported
                set -gx $name $$old
            else
                set -gu $name $$old
            end
        end
        set -eg $old
    end
    if set -qg __wasienv_dirs
        if test "$PATH" = "$__wasienv_new_PATH"
            set -gx PATH $__wasienv_old_PATH
        else
            # Somebody else changed PATH since: take out only what is ours.
            for directory in $__wasienv_dirs
                if set -l index (contains -i -- $directory $PATH)
                    set -e PATH[$index]
                end
            end
        end
    end
    set -eg __wasienv_names
    set -eg __wasienv_exported
    set -eg __wasienv_dirs
    set -eg __wasienv_old_PATH
    set -eg __wasienv_new_PATH
end
function __wasienv_set
    set -gu __wasienv_names $__wasienv_names $argv[1]
    if set -qg $argv[1]
        set -gu __wasienv_old_$argv[1] $$argv[1]
    end
    if set -qgx $argv[1]
        set -gu __wasienv_exported $__wasienv_exported $argv[1]
    end
    set -gx $argv[1] $argv[2]
end
wasienv_deactivate
`;

const EPILOGUE = 'functions -e __wasienv_set\n';

export function renderFish({ variables, path }: ToolEnvironment, title: string): string {
  const lines = variables.map(({ name, value }) => `__wasienv_set ${name} ${fishQuote(value)}\n`);
  const setPath = path.length === 0 ? '' : `set -gu __wasienv_dirs ${path.map((directory) => fishQuote(posixPath(directory))).join(' ')}
set -gu __wasienv_old_PATH $PATH
set -gx PATH $__wasienv_dirs $PATH
set -gu __wasienv_new_PATH $PATH
`;
  return `# ${title}
# For fish: read it with \`source\`; \`wasienv_deactivate\` undoes it. It starts no program.
${PROLOGUE}${lines.join('')}${setPath}${EPILOGUE}`;
}
