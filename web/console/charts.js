import { clock } from '../page/numbers.js';
import { h, write } from './dom.js';
import { say } from './text.js';

/**
 * A chart that takes the page's colours and can take them anew.
 * @typedef {object} Chart
 * @property {HTMLElement} element
 * @property {(data: any) => void} draw
 * @property {() => void} restyle
 * @property {() => void} close
 *
 * @typedef {(name: string) => string} Colour of the page, by the name of its variable
 */

/**
 * @param {string} name says what is drawn, for those who do not see it
 * @param {(data: any, colour: Colour) => object} optionOf what ECharts is told
 * @returns {Chart}
 */
function chart(name, optionOf) {
  const element = h('div', { class: 'chart', role: 'img', 'aria-label': name });
  const { echarts } = /** @type {any} */ (globalThis);
  /** @type {any} */
  let drawing;
  /** @type {any} */
  let data;
  if (!echarts) {
    write(element, say('chart_failed'));
  }
  const colour = (/** @type {string} */ variable) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${variable}`).trim();
  const draw = () => {
    if (!echarts || data === undefined || element.clientWidth === 0) {
      return;
    }
    drawing ??= echarts.init(element, null, { renderer: 'canvas' });
    drawing.setOption({ ...frame(colour), ...optionOf(data, colour) }, { notMerge: true, silent: true });
  };
  const resized = new ResizeObserver(() => {
    drawing?.resize();
    draw();
  });
  resized.observe(element);
  return {
    element,
    draw: (next) => {
      data = next;
      draw();
    },
    restyle: draw,
    close: () => {
      resized.disconnect();
      drawing?.dispose();
    },
  };
}

/** A chart that has just begun shows no less. */
const leastWindowMs = 60_000;

/** @param {Colour} colour */
function frame(colour) {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11, color: colour('dim') },
    grid: { left: 52, right: 12, top: 12, bottom: 24 },
    // Drawn on the canvas: no markup is made of what the server says.
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: colour('raised'),
      borderColor: colour('line'),
      textStyle: { color: colour('text'), fontSize: 11 },
      axisPointer: { type: 'line', lineStyle: { color: colour('dim') } },
      confine: true,
    },
  };
}

/** @param {Colour} colour */
const axisLook = (colour) => ({
  axisLine: { lineStyle: { color: colour('line') } },
  axisTick: { show: false },
  axisLabel: { color: colour('dim'), fontSize: 11, hideOverlap: true },
  splitLine: { lineStyle: { color: colour('grid') } },
});

/**
 * Figures over the last minutes.
 * @param {string} name
 * @param {{key: string, word: string, colour: string, isDashed?: boolean}[]} lines
 * @param {(value: number) => string} written
 * @param {number} windowMs
 */
export function timeChart(name, lines, written, windowMs) {
  return chart(name, (/** @type {{at: number}[]} */ points, colour) => {
    const last = points[points.length - 1]?.at ?? 0;
    const first = Math.max(last - windowMs, Math.min(points[0]?.at ?? 0, last - leastWindowMs));
    return {
      xAxis: {
        ...axisLook(colour),
        type: 'time',
        min: first,
        max: last,
        splitNumber: 4,
        splitLine: { show: false },
        axisLabel: {
          ...axisLook(colour).axisLabel,
          formatter: (/** @type {number} */ at) => clock(at * 1000),
          showMinLabel: false,
          showMaxLabel: false,
        },
      },
      yAxis: {
        ...axisLook(colour),
        type: 'value',
        min: 0,
        splitNumber: 3,
        axisLabel: { ...axisLook(colour).axisLabel, formatter: written },
      },
      tooltip: {
        ...frame(colour).tooltip,
        formatter: (/** @type {any[]} */ hits) =>
          [clock(hits[0].value[0] * 1000), ...hits.map((hit) => `${hit.seriesName}  ${written(hit.value[1])}`)].join(
            '\n',
          ),
      },
      series: lines.map(({ key, word, colour: tone, isDashed }) => ({
        name: say(word),
        type: 'line',
        showSymbol: false,
        connectNulls: false,
        lineStyle: { width: 1.5, type: isDashed ? 'dashed' : 'solid' },
        itemStyle: { color: colour(tone) },
        areaStyle: isDashed ? undefined : { opacity: 0.1 },
        data: points.map((/** @type {any} */ point) => [point.at, point[key] ?? null]),
      })),
    };
  });
}

/**
 * How often which time was taken. The last bucket is what lies above the last bound.
 * @param {string} name
 * @param {(us: number) => string} written
 */
export function histogram(name, written) {
  return chart(name, (/** @type {{bounds_us: number[], counts: number[]}} */ { bounds_us: bounds, counts }, colour) => {
    const first = counts.findIndex((count) => count > 0);
    const from = Math.max(0, first - 1);
    const to = counts.length - [...counts].reverse().findIndex((count) => count > 0);
    const names = counts.map((_, i) =>
      i < bounds.length ? `≤ ${written(bounds[i])}` : `> ${written(bounds[bounds.length - 1])}`,
    );
    const [from2, to2] = first < 0 ? [0, counts.length] : [from, Math.min(counts.length, to + 1)];
    return {
      grid: { left: 52, right: 12, top: 12, bottom: 24 },
      xAxis: { ...axisLook(colour), type: 'category', data: names.slice(from2, to2) },
      yAxis: { ...axisLook(colour), type: 'value', splitNumber: 3, minInterval: 1 },
      series: [
        {
          name: say('count'),
          type: 'bar',
          barCategoryGap: '12%',
          itemStyle: { color: colour('accent'), opacity: 0.8 },
          data: counts.slice(from2, to2),
        },
      ],
    };
  });
}

/**
 * Counts stacked over time, one bar a bucket.
 * @param {string} name
 * @param {{key: string, word: string, colour: string}[]} parts
 */
export function stackedBars(name, parts) {
  return chart(name, (/** @type {{at: number}[]} */ buckets, colour) => ({
    legend: { right: 8, top: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: colour('dim'), fontSize: 11 } },
    grid: { left: 36, right: 12, top: 28, bottom: 24 },
    xAxis: { ...axisLook(colour), type: 'category', data: buckets.map(({ at }) => clock(at * 1000).slice(0, 5)) },
    yAxis: { ...axisLook(colour), type: 'value', minInterval: 1, splitNumber: 3 },
    series: parts.map(({ key, word, colour: tone }) => ({
      name: say(word),
      type: 'bar',
      stack: 'all',
      itemStyle: { color: colour(tone), opacity: 0.85 },
      data: buckets.map((/** @type {any} */ bucket) => bucket[key] ?? 0),
    })),
  }));
}
