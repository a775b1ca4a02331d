// Medians and spread of what fresh processes measured.
export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted.length % 2 === 1 ? sorted[sorted.length >> 1] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
}

/** `{ median, least, most }` */
export const summary = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });

export const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
