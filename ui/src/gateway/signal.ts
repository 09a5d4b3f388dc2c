// How strong a signal looks.

/** Bars of four for decibels against a milliwatt. */
export function signalBars(signal: number | null): number {
  if (signal === null) return 0;
  return [-105, -95, -85, -75].filter((least) => signal >= least).length;
}
