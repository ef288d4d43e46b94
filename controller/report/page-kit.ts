/** Colours, shapes and legends of the page of a sweep, on light ground and on dark. Runs in the browser: see page-data.ts. */

export type PageKit = ReturnType<typeof pageKit>;

export function pageKit(dark: boolean) {
  // Okabe and Ito's, which the colour-blind can tell apart; lighter on dark ground.
  const palette = dark
    ? ['#5db7f0', '#f0a03c', '#2fc79b', '#e39ac4', '#e8dc55', '#b9c3cf']
    : ['#0072b2', '#d55e00', '#00805d', '#b0558a', '#806c00', '#4b5563'];
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]];
  const ink = dark ? '#dde3ea' : '#1c2430';

  /** Point styles are hollow unless filled; crosses and stars are lines. */
  function shape(point: string, colours: string | string[], filled: boolean, radius: number): object {
    const size = { pointRadius: radius, pointHoverRadius: radius + 2, pointBorderWidth: 1.6, pointStyle: point, clip: 10 };
    return { ...size, pointBorderColor: colours, borderColor: colours, pointBackgroundColor: filled ? colours : 'transparent' };
  }

  function digits(value: number): string {
    return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  }

  /** Of a scale of logarithms: those between round ones would lie upon each other. */
  function roundTick(value: number): string {
    const first = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    return [1, 2, 5].some((each) => Math.abs(first / each - 1) < 1e-6) ? String(Number(value.toPrecision(3))) : '';
  }

  interface Legend {
    readonly chart: {
      readonly data: { readonly datasets: readonly LegendSet[] };
      isDatasetVisible(index: number): boolean;
      setDatasetVisibility(index: number, visible: boolean): void;
      update(): void;
    };
  }
  interface LegendSet {
    readonly label?: string;
    /** In place of its label, which tooltips have. */
    readonly legendText?: string;
    readonly group?: number;
    readonly inLegend?: string;
    readonly pointStyle?: string;
    readonly borderColor: string | string[];
    readonly borderDash?: readonly number[];
  }

  /** A line for a variant, a shape for an outcome. A click hides a line with all that belongs to it. */
  function legend(): object {
    const entry = (
      { label, legendText, inLegend, pointStyle, borderColor, borderDash }: LegendSet,
      index: number,
      hidden: boolean,
    ): object => ({
      ...{
        text: legendText ?? label,
        datasetIndex: index,
        hidden,
        fontColor: ink,
        lineWidth: 2,
        lineDash: borderDash ?? [],
        fillStyle: 'transparent',
      },
      ...(inLegend === 'area' ? { fillStyle: borderColor } : inLegend === 'filled' ? { fillStyle: ink } : {}),
      ...(inLegend === 'line' ? { pointStyle: 'line', strokeStyle: borderColor } : { pointStyle, strokeStyle: ink }),
    });
    return {
      position: 'top',
      align: 'start',
      labels: {
        ...{ usePointStyle: true, pointStyleWidth: 20, boxHeight: 10 },
        generateLabels: (chart: Legend['chart']) =>
          chart.data.datasets.flatMap((set, index) =>
            set.inLegend === undefined ? [] : [entry(set, index, !chart.isDatasetVisible(index))],
          ),
      },
      onClick: (_: unknown, { datasetIndex }: { readonly datasetIndex: number }, { chart }: Legend) => {
        const { group } = chart.data.datasets[datasetIndex]!;
        const visible = !chart.isDatasetVisible(datasetIndex);
        for (const [index, set] of chart.data.datasets.entries()) {
          if (index === datasetIndex || (group !== undefined && set.group === group)) chart.setDatasetVisibility(index, visible);
        }
        chart.update();
      },
    };
  }

  return {
    ...{ ink, faint: dark ? '#7d8896' : '#7a8594', grid: dark ? '#2c3642' : '#dfe4ea', shape, digits, roundTick, legend },
    colourOf: (variant: number): string => palette[Math.max(0, variant) % palette.length]!,
    // From the seventh on colours begin again, with other dashes.
    dashOf: (variant: number): number[] => dashes[Math.max(0, variant + Math.floor(variant / palette.length)) % dashes.length]!,
  };
}
