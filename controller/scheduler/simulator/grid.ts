/** The first of phase + n × step that is later than `atMs`. */
export function after(atMs: number, phaseMs: number, stepMs: number): number {
  const next = phaseMs + (Math.floor((atMs - phaseMs) / stepMs) + 1) * stepMs;
  return next > atMs ? next : next + stepMs;
}
