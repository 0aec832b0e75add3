// A grouped bar chart as SVG text, for README: self-contained, without scripts, on a card of its own whose colours
// follow the reader's light or dark scheme.
//
//   title                                         one group: its bars side by side, label and sublabel below
//   subtitle                                      one series: the same colour in every group, named in the legend
//   legend
//   |  bars with their values above, gridlines behind, a dashed line at the reference value
//
// Limits: 5 coloured series; values are finite and not negative (others leave a gap).

export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly { readonly label: string; readonly sublabel: string; readonly values: readonly number[] }[];
  /** Names of the bars within each group; `muted` ones are what the others are compared with. */
  readonly series: readonly { readonly label: string; readonly muted: boolean }[];
  /** A dashed line to compare with. */
  readonly reference: { readonly value: number; readonly label: string } | undefined;
  /** The text above a bar and beside a gridline. */
  readonly format: (value: number) => string;
}

const WIDTH = 880;
const MARGIN = 28;
const AXIS_WIDTH = 44;
const PLOT_TOP = 128;
const PLOT_HEIGHT = 240;
const PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT;
const HEIGHT = PLOT_BOTTOM + 66;
const PLOT_LEFT = MARGIN + AXIS_WIDTH;
/** Right of the plot the reference line is named. */
const REFERENCE_WIDTH = 26;
const PLOT_WIDTH = WIDTH - MARGIN - REFERENCE_WIDTH - PLOT_LEFT;
/** Of a group's width, what its bars take. */
const GROUP_FILL = 0.8;
const BAR_GAP = 3;
const BAR_RADIUS = 3;
const BAR_WIDTH_MAX = 46;
/** Room above the highest bar for its label. */
const HEADROOM = 1.12;
const GRIDLINES_ABOUT = 5;
/** Rough width of a character, for the legend's layout. */
const CHARACTER_WIDTH = 6.6;

const LIGHT = ['#2f6fde', '#12a594', '#f08c2e', '#9463d8', '#d6487e'];
const DARK = ['#5b9bff', '#2cc7b3', '#ffab57', '#b48cf2', '#f078a6'];
const MUTED = '#8b95a5';

/** The whole SVG document. */
export function drawChart(chart: Chart): string {
  const values = chart.groups.flatMap((group) => group.values).filter((value) => Number.isFinite(value));
  const { top, step } = axis(Math.max(chart.reference?.value ?? 0, ...values) * HEADROOM);
  const y = (value: number): number => PLOT_BOTTOM - (value / top) * PLOT_HEIGHT;
  const groups = drawGroups(chart, y);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${xmlText(chart.title)}</title>`,
    `<desc>${xmlText(description(chart))}</desc>`,
    `<style>${style()}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10"/>`,
    `<text class="title" x="${MARGIN}" y="42">${xmlText(chart.title)}</text>`,
    `<text class="soft" x="${MARGIN}" y="64">${xmlText(chart.subtitle)}</text>`,
    ...legend(chart.series),
    ...gridlines(top, step, y, chart.format),
    ...groups.bars,
    `<line class="axis" x1="${PLOT_LEFT}" x2="${PLOT_LEFT + PLOT_WIDTH}" y1="${PLOT_BOTTOM}" y2="${PLOT_BOTTOM}"/>`,
    ...referenceLine(chart.reference, y),
    ...groups.texts,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** A round number at or above `wanted`, and the distance of gridlines. */
function axis(wanted: number): { top: number; step: number } {
  if (!(wanted > 0)) return { top: 1, step: 1 };
  const rough = wanted / GRIDLINES_ABOUT;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return { top: Math.ceil(wanted / step) * step, step };
}

function gridlines(
  top: number,
  step: number,
  y: (value: number) => number,
  format: (value: number) => string,
): string[] {
  const lines: string[] = [];
  for (let i = 0; i * step <= top * 1.0001; i++) {
    const at = y(i * step).toFixed(1);
    if (i > 0)
      lines.push(`<line class="grid" x1="${PLOT_LEFT}" x2="${PLOT_LEFT + PLOT_WIDTH}" y1="${at}" y2="${at}"/>`);
    lines.push(
      `<text class="soft small" x="${PLOT_LEFT - 8}" y="${at}" dy="0.35em" text-anchor="end">${xmlText(format(i * step))}</text>`,
    );
  }
  return lines;
}

function legend(series: Chart['series']): string[] {
  const parts: string[] = [];
  let x = MARGIN;
  series.forEach(({ label }, index) => {
    parts.push(`<rect class="${fill(series, index)}" x="${x.toFixed(1)}" y="83" width="12" height="12" rx="3"/>`);
    parts.push(`<text class="text" x="${(x + 18).toFixed(1)}" y="93">${xmlText(label)}</text>`);
    x += 18 + label.length * CHARACTER_WIDTH + 26;
  });
  return parts;
}

/** The bars of all groups (drawn first) and the texts above and below them (drawn last, over the reference line). */
function drawGroups(chart: Chart, y: (value: number) => number): { bars: string[]; texts: string[] } {
  const bars: string[] = [];
  const texts: string[] = [];
  const text = (name: string, x: number, at: number, content: string): void => {
    const place = `x="${x.toFixed(1)}" y="${at.toFixed(1)}" text-anchor="middle"`;
    texts.push(`<text class="${name}" ${place}>${xmlText(content)}</text>`);
  };
  const width = PLOT_WIDTH / chart.groups.length;
  const bar = Math.min(BAR_WIDTH_MAX, (width * GROUP_FILL) / chart.series.length - BAR_GAP);
  const total = chart.series.length * (bar + BAR_GAP) - BAR_GAP;
  chart.groups.forEach((group, index) => {
    const center = PLOT_LEFT + (index + 0.5) * width;
    group.values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const x = center - total / 2 + i * (bar + BAR_GAP);
      bars.push(`<path class="${fill(chart.series, i)}" d="${barPath(x, y(value), bar)}"/>`);
      text('value', x + bar / 2, y(value) - 6, chart.format(value));
    });
    text('label', center, PLOT_BOTTOM + 22, group.label);
    text('soft small', center, PLOT_BOTTOM + 39, group.sublabel);
  });
  return { bars, texts };
}

/** The class that colours a series. */
function fill(series: Chart['series'], index: number): string {
  return series[index].muted ? 'muted' : `s${index}`;
}

/** A bar with rounded upper corners that stands on the axis. */
function barPath(x: number, top: number, width: number): string {
  const radius = Math.min(BAR_RADIUS, PLOT_BOTTOM - top);
  const n = (value: number): string => value.toFixed(1);
  const sides = `M${n(x)} ${PLOT_BOTTOM}V${n(top + radius)}`;
  const left = `Q${n(x)} ${n(top)} ${n(x + radius)} ${n(top)}`;
  const right = `H${n(x + width - radius)}Q${n(x + width)} ${n(top)} ${n(x + width)} ${n(top + radius)}`;
  return `${sides}${left}${right}V${PLOT_BOTTOM}Z`;
}

function referenceLine(reference: Chart['reference'], y: (value: number) => number): string[] {
  if (reference === undefined) return [];
  const at = y(reference.value).toFixed(1);
  const right = PLOT_LEFT + PLOT_WIDTH;
  return [
    `<line class="reference" x1="${PLOT_LEFT}" x2="${right}" y1="${at}" y2="${at}"/>`,
    `<text class="text small" x="${right + 6}" y="${at}" dy="0.35em">${xmlText(reference.label)}</text>`,
  ];
}

function description(chart: Chart): string {
  const bar = (value: number, i: number): string =>
    `${chart.series[i].label} ${Number.isFinite(value) ? chart.format(value) : 'not measured'}`;
  const group = (one: Chart['groups'][number]): string =>
    `${one.label} ${one.sublabel}: ${one.values.map(bar).join(', ')}`;
  return `${chart.subtitle}. ${chart.groups.map(group).join('; ')}.`;
}

function style(): string {
  const fills = (colours: readonly string[]): string => colours.map((colour, i) => `.s${i}{fill:${colour}}`).join('');
  const light =
    'text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:12.5px}' +
    '.title{font-size:20px;font-weight:600}.label{font-size:13px;font-weight:600}.small{font-size:11.5px}' +
    '.value{font-size:11px;font-weight:600;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}' +
    '.card{fill:#fff;stroke:#d0d7de}.title,.label,.value,.text{fill:#1f2328}.soft{fill:#636c76}' +
    `.muted{fill:${MUTED}}` +
    `.grid{stroke:#eaeef2}.axis{stroke:#afb8c1}.reference{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:5 4}${fills(LIGHT)}`;
  const dark =
    '.value{stroke:#0d1117}.card{fill:#0d1117;stroke:#30363d}.title,.label,.value,.text{fill:#e6edf3}.soft{fill:#8d96a0}' +
    `.grid{stroke:#1c232c}.axis{stroke:#484f58}.reference{stroke:#e6edf3}${fills(DARK)}`;
  return `${light}@media (prefers-color-scheme:dark){${dark}}`;
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
