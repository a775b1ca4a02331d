// The environment for sh, bash, dash, zsh and ksh, as a text to `.` or to `eval`. Runs no program, not even a subshell.
// Holds under `set -eu`, `set -a`, in functions, twice over, and after the script of another home: then that one is undone first.
// What was there before is kept in shell variables that are not exported: a shell started from this one takes what it
// inherits for its own.
import { posixQuote } from '../../base/quote.js';
import type { ToolEnvironment } from './variables.js';

/** `undo` is the same in every script, so that any of them can undo any other: the names to restore are data. */
const PROLOGUE = `wasienv_deactivate() {
  while [ -n "\${_wasienv_names-}" ]; do
    _wasienv_name=\${_wasienv_names%% *}
    _wasienv_names=\${_wasienv_names#* }
    eval "if [ -z \\"\\\${_wasienv_old_$_wasienv_name+x}\\" ]; then unset $_wasienv_name
      elif [ -n \\"\\\${_wasienv_plain_$_wasienv_name+x}\\" ]; then unset $_wasienv_name; $_wasienv_name=\\$_wasienv_old_$_wasienv_name
      else export $_wasienv_name=\\"\\$_wasienv_old_$_wasienv_name\\"; fi
      unset _wasienv_old_$_wasienv_name _wasienv_plain_$_wasienv_name"
  done
  if [ -n "\${_wasienv_dirs+x}" ]; then
    if [ "\${PATH-}" = "$_wasienv_dirs\${_wasienv_path:+:$_wasienv_path}" ]; then
      if [ -n "\${_wasienv_path+x}" ]; then PATH=$_wasienv_path; else unset PATH; fi
    else
      # Somebody else changed PATH since: take out only what is ours.
      case ":\${PATH-}:" in
        *":$_wasienv_dirs:"*)
          _wasienv_path=":$PATH:"
          _wasienv_path=\${_wasienv_path%%":$_wasienv_dirs:"*}:\${_wasienv_path#*":$_wasienv_dirs:"}
          _wasienv_path=\${_wasienv_path#:}
          PATH=\${_wasienv_path%:}
          ;;
      esac
    fi
  fi
  unset _wasienv_names _wasienv_name _wasienv_dirs _wasienv_path
}
_wasienv_set() {
  _wasienv_names="\${_wasienv_names-}$1 "
  eval "_wasienv_name=\\\${$1+x}"
  if [ -n "$_wasienv_name" ]; then
    eval "_wasienv_old_$1=\\$$1"
    # bash 4.4 and zsh can tell a variable that is not exported, and it shall not be afterwards.
    case "\${BASH_VERSION-}" in
      4.[4-9]* | [5-9]* | [1-9][0-9]*) eval "case \\\${$1@a} in *x*) ;; *) _wasienv_plain_$1=x ;; esac" ;;
    esac
    if [ -n "\${ZSH_VERSION-}" ]; then eval "case \\\${(t)$1} in *export*) ;; *) _wasienv_plain_$1=x ;; esac"; fi
  fi
  export "$1=$2"
}
wasienv_deactivate
`;

const EPILOGUE = 'unset -f _wasienv_set\n';

export function renderPosix({ variables, path }: ToolEnvironment, title: string): string {
  const lines = variables.map(({ name, value }) => `_wasienv_set ${name} ${posixQuote(value)}\n`);
  const onPath = path.map(posixPath).join(':');
  const setPath = path.length === 0 ? '' : `if [ -n "\${PATH+x}" ]; then _wasienv_path=$PATH; fi
_wasienv_dirs=${posixQuote(onPath)}
export PATH="$_wasienv_dirs\${PATH:+:$PATH}"
`;
  return `# ${title}
# For sh, bash, dash, zsh and ksh: read it with \`.\`; \`wasienv_deactivate\` undoes it. It starts no program.
${PROLOGUE}${lines.join('')}${setPath}${EPILOGUE}`;
}

/** The shells of Git for Windows and MSYS2 write `C:\\a` as `/c/a` on PATH, where a colon divides. */
export function posixPath(directory: string): string {
  const drive = /^([A-Za-z]):[\\/]/.exec(directory);
  return drive === null ? directory : `/${drive[1]!.toLowerCase()}/${directory.slice(3).replaceAll('\\', '/')}`;
}
