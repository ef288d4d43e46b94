/**
 * What a Prometheus is asked. Values are aggregated by `instance` and, where somebody has added it, `node`: a target that is scraped by two jobs counts once.
 *
 * `rate` sees a target that died a moment ago for another minute; `cpuSampledAt` and `up` do not.
 */
export const queries = {
  /** What each device is: labels of the characterization agent. */
  devices: 'char_node_device_model',
  /** The same of those that were there minutes ago. */
  recentDevices: 'last_over_time(char_node_device_model[10m])',
  up: 'up',
  /** Percent over the last minute; needs two scrapes a minute. */
  cpuBusyPercent: '100 - avg by (instance, node) (rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100',
  /** Seconds since 1970 of the last scrape: the value of a query itself always seems to be of now. */
  cpuSampledAt: 'max by (instance, node) (timestamp(node_cpu_seconds_total{mode="idle"}))',
  memoryUsedPercent:
    '100 * (1 - max by (instance, node) (node_memory_MemAvailable_bytes) / max by (instance, node) (node_memory_MemTotal_bytes))',
  diskUsedPercent:
    '100 * (1 - max by (instance, node, mountpoint) (node_filesystem_avail_bytes{fstype!="rootfs"})' +
    ' / max by (instance, node, mountpoint) (node_filesystem_size_bytes{fstype!="rootfs"}))',
  cores: 'count by (instance, node) (max by (instance, node, cpu) (node_cpu_seconds_total{mode="idle"}))',
  memoryBytes: 'max by (instance, node) (node_memory_MemTotal_bytes)',
  loadAverage: 'max by (instance, node) (node_load1)',
  temperatureCelsius: 'max by (instance, node) (node_thermal_zone_temp or splitmesh_agent_temperature_celsius)',
  frequencyMHz: 'avg by (instance, node) (node_cpu_scaling_frequency_hertz) / 1e6',
  /** What targets call themselves. */
  hostNames: 'node_uname_info',
} as const;

export type QueryName = keyof typeof queries;

/** Without an answer to these nothing can be said; the others leave a part of a state unknown. */
export const essential: readonly QueryName[] = ['devices', 'recentDevices', 'up', 'cpuBusyPercent', 'cpuSampledAt'];
