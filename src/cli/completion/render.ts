// A completion script for each shell, from the words alone. Nothing is started while completing.
import { posixQuote } from '../../base/quote.js';
import { fishQuote, powershellQuote } from '../../toolchain/setenv/quote.js';
import type { CompletionShell } from './shells.js';
import type { CommandWords, OptionWords } from './words.js';

interface Vocabulary {
  readonly top: readonly OptionWords[];
  readonly commands: readonly CommandWords[];
}

export function renderCompletion(shell: CompletionShell, vocabulary: Vocabulary): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript }[shell](vocabulary);
}

const flagsOf = ({ name, short }: OptionWords): string[] => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];

function bashScript({ top, commands }: Vocabulary): string {
  const cases = commands.map(({ name, options, operands }) => {
    const valued = options.filter(({ values }) => values !== undefined).map((option) => `      ${flagsOf(option).join('|')}) ${option.values!.length === 0 ? 'files=1' : `words=${posixQuote(option.values!.join(' '))}`}; return 0 ;;`);
    return [
      `    ${name})`,
      ...(valued.length === 0 ? [] : ['      case $previous in', ...valued.map((line) => `  ${line.replace('return 0', 'return')}`), '      esac']),
      `      words=${posixQuote([...options.flatMap(flagsOf), ...(operands === 'files' ? [] : operands)].join(' '))}`,
      ...(operands === 'files' ? ['      files=1'] : []),
      '      ;;',
    ].join('\n');
  });
  return `# bash completion of wasienv: wasienv completion bash > ~/.local/share/bash-completion/completions/wasienv
_wasienv_words() {
  case $command in
    '') words=${posixQuote([...commands.map(({ name }) => name), ...top.flatMap(flagsOf)].join(' '))} ;;
${cases.join('\n')}
  esac
}
_wasienv() {
  local current=$2 previous=$3 command= words= files= index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      -*) ;;
      *) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  # bash splits \`--option=value\` into three words.
  if [[ $current == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-1]}; current=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  _wasienv_words
  COMPREPLY=()
  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
  # Options only where a dash asks for them, files where it does not.
  if [[ -n $files && $current != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [[ $current != -* ]]; then
    local kept=() each
    for each in "\${COMPREPLY[@]}"; do [[ $each == -* ]] || kept+=("$each"); done
    COMPREPLY=("\${kept[@]}")
  fi
}
complete -F _wasienv wasienv
`;
}

function zshScript({ top, commands }: Vocabulary): string {
  // Within \`_arguments\` and \`_describe\` colons and brackets have a meaning.
  const plain = (text: string): string => text.replace(/[\\:[\]]/g, (found) => `\\${found}`);
  const spec = (option: OptionWords): string[] => flagsOf(option).map((flag) => {
    const value = option.values === undefined ? '' : option.values.length === 0 ? ':value:_files' : `:value:(${option.values.join(' ')})`;
    return posixQuote(`*${flag}${option.values !== undefined && flag.startsWith('--') ? '=' : ''}[${plain(option.summary)}]${value}`);
  });
  const cases = commands.map(({ name, options, operands }) => {
    const rest = operands === 'files' ? "'*::file:_files'" : operands.length === 0 ? undefined : posixQuote(`*:word:(${operands.join(' ')})`);
    const specs = [...options.flatMap(spec), ...(rest === undefined ? [] : [rest])];
    return `    ${name}) _arguments ${specs.join(' ')} ;;`;
  });
  return `#compdef wasienv
# zsh completion of wasienv: wasienv completion zsh > a directory of $fpath/_wasienv
_wasienv() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${posixQuote(`${plain(name)}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' commands
    _arguments ${top.flatMap(spec).join(' ')}
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _wasienv ]]; then _wasienv "$@"; else compdef _wasienv wasienv; fi
`;
}

function fishScript({ top, commands }: Vocabulary): string {
  const option = (condition: string, { name, short, summary, values }: OptionWords): string =>
    `complete -c wasienv -n ${fishQuote(condition)} -l ${name}${short === undefined ? '' : ` -s ${short}`}${values === undefined ? '' : values.length === 0 ? ' -r' : ` -x -a ${fishQuote(values.join(' '))}`} -d ${fishQuote(summary)}`;
  const lines = commands.flatMap(({ name, summary, options, operands }) => {
    const seen = `__fish_seen_subcommand_from ${name}`;
    return [
      `complete -c wasienv -n __fish_use_subcommand -f -a ${name} -d ${fishQuote(summary)}`,
      ...options.map((each) => option(seen, each)),
      ...(operands === 'files' ? [] : [`complete -c wasienv -n ${fishQuote(seen)} -f${operands.length === 0 ? '' : ` -a ${fishQuote(operands.join(' '))}`}`]),
    ];
  });
  return ['# fish completion of wasienv: wasienv completion fish > ~/.config/fish/completions/wasienv.fish', ...top.map((each) => option('__fish_use_subcommand', each)), ...lines, ''].join('\n');
}

function powershellScript({ top, commands }: Vocabulary): string {
  const list = (words: readonly string[]): string => `@(${words.map(powershellQuote).join(', ')})`;
  const values = (options: readonly OptionWords[]): string => `@{ ${options.filter((each) => each.values !== undefined).flatMap((each) => flagsOf(each).map((flag) => `${powershellQuote(flag)} = ${list(each.values!)}`)).join('; ')} }`;
  const rows = commands.map(({ name, options, operands }) => `    ${powershellQuote(name)} = @{ Options = ${list(options.flatMap(flagsOf))}; Values = ${values(options)}; Operands = ${list(operands === 'files' ? [] : operands)} }`);
  return `# PowerShell completion of wasienv: wasienv completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName wasienv -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = @{
${rows.join('\n')}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $command = $words | Select-Object -Skip 1 | Where-Object { $_ -notlike '-*' } | Select-Object -First 1
  if ($null -eq $command -or -not $commands.ContainsKey($command)) {
    $candidates = ${list([...commands.map(({ name }) => name), ...top.flatMap(flagsOf)])}
  } else {
    $known = $commands[$command]
    $previous = $words[-1]
    if ($known.Values.ContainsKey($previous)) { $candidates = $known.Values[$previous] }
    else { $candidates = $known.Options + $known.Operands }
  }
  $candidates | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}
