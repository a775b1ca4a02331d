// The environment for Windows PowerShell 5.1 and PowerShell 7, as a text to dot-source or to give to Invoke-Expression.
// Runs no program and uses nothing of .NET but hash tables, which constrained language mode allows.
import { powershellQuote } from './quote.js';
import type { ToolEnvironment } from './variables.js';

const PROLOGUE = `function global:wasienv_deactivate {
  $state = Get-Variable -Name WasienvState -Scope Global -ValueOnly -ErrorAction Ignore
  if ($null -eq $state) { return }
  foreach ($name in $state.Names) {
    if ($state.Old.ContainsKey($name)) { Set-Item -LiteralPath "Env:$name" -Value $state.Old[$name] }
    elseif (Test-Path -LiteralPath "Env:$name") { Remove-Item -LiteralPath "Env:$name" }
  }
  if ($state.ContainsKey('NewPath')) {
    if ($Env:PATH -ceq $state.NewPath) { $Env:PATH = $state.OldPath }
    else {
      # Somebody else changed PATH since: take out only what is ours.
      $Env:PATH = @($Env:PATH -split $state.Separator | Where-Object { $state.Directories -cnotcontains $_ }) -join $state.Separator
    }
  }
  Remove-Variable -Name WasienvState -Scope Global
}
wasienv_deactivate
$global:WasienvState = @{ Names = @(); Old = @{} }
function global:__wasienv_set([string] $Name, [string] $Value) {
  $global:WasienvState.Names += $Name
  if (Test-Path -LiteralPath "Env:$Name") { $global:WasienvState.Old[$Name] = (Get-Item -LiteralPath "Env:$Name").Value }
  Set-Item -LiteralPath "Env:$Name" -Value $Value
}
`;

const EPILOGUE = 'Remove-Item -LiteralPath Function:global:__wasienv_set -ErrorAction Ignore\n';

export function renderPowershell({ variables, path, separator }: ToolEnvironment, title: string): string {
  const lines = variables.map(({ name, value }) => `__wasienv_set ${powershellQuote(name)} ${powershellQuote(value)}\n`);
  const setPath = path.length === 0 ? '' : `$global:WasienvState.Directories = @(${path.map(powershellQuote).join(', ')})
$global:WasienvState.Separator = ${powershellQuote(separator)}
$global:WasienvState.OldPath = $Env:PATH
$Env:PATH = (@($global:WasienvState.Directories) + @($Env:PATH | Where-Object { $_ })) -join $global:WasienvState.Separator
$global:WasienvState.NewPath = $Env:PATH
`;
  return `# ${title}
# For PowerShell: read it with \`.\`; \`wasienv_deactivate\` undoes it. It starts no program.
${PROLOGUE}${lines.join('')}${setPath}${EPILOGUE}`;
}
