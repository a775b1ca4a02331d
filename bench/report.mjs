// The results as a table for people.
const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const spread = ({ median, least, most }) => `${number(median)} [${number(least)}-${number(most)}]`;

function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ').trimEnd()).join('\n');
}

export function report({ date, machine, rounds, missing, kernels, geometricMeans, startup }) {
  const parts = [`${date}, Node ${machine.node} (V8 ${machine.v8}), ${machine.processor} x ${machine.processors}, ${machine.platform}; medians of ${rounds} fresh processes [least-most]`];
  if (kernels.length > 0) {
    const others = Object.keys(geometricMeans);
    const cells = (row, key) => others.map((name) => (row[name]?.[key] === undefined ? '-' : typeof row[name][key] === 'number' ? number(row[name][key]) : spread(row[name][key])));
    for (const [key, title] of [['cold', 'First call'], ['hot', 'Best of the next three']]) {
      const rows = kernels.map(({ name, milliseconds, wasienvBeside }) => [name, milliseconds.wasienv === undefined ? '-' : spread(milliseconds.wasienv[key]), ...cells(wasienvBeside, key)]);
      if (rows.length > 1) rows.push(['geometric mean', '', ...cells(geometricMeans, key)]);
      parts.push(`${title}: wasienv in ms of the processor, and how many times longer than\n\n${table(['', 'wasienv', ...others], rows)}`);
    }
  }
  if (startup.length > 0) parts.push(`Start-up\n\n${table(['', '', ''], startup.map((row) => [row.name, `${spread(row)} ${row.unit}`, row.detail ?? ''])).replace(/^\s*\n/, '')}`);
  for (const [name, reason] of Object.entries(missing)) parts.push(`not measured: ${name} (${reason})`);
  return parts.join('\n\n');
}
