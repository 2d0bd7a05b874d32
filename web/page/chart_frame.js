import { clock, date } from './numbers.js';

/**
 * How a bar's start is written below the chart. Categories are microseconds as text; others are the empty places
 * behind the last bar.
 * @param {string} category
 */
function timeLabel(category) {
  const us = Number(category);
  if (!Number.isFinite(us)) {
    return '';
  }
  const time = clock(us);
  return time === '00:00:00' ? date(us).slice(5) : time.endsWith(':00') ? time.slice(0, 5) : time;
}

/** The same at the pointer, with its date. @param {{value: string}} at */
function pointerTime({ value }) {
  const us = Number(value);
  return Number.isFinite(us) ? `${date(us)} ${clock(us)}` : '';
}

/**
 * All that ECharts is told but the data: two panes with one time axis, and what is in them.
 * @param {object} look
 * @param {(name: string) => string} look.colour of the page, by the name of its CSS variable
 * @param {string} look.font
 * @param {number} look.leastVisible bars on display at the closest zoom
 * @param {(price: number) => string} look.write
 */
export function chartFrame({ colour, font, leastVisible, write }) {
  const text = { color: colour('dim'), fontFamily: font, fontSize: 11 };
  const pointer = { backgroundColor: colour('raised'), color: colour('text'), fontFamily: font, fontSize: 11 };
  const up = colour('up');
  const down = colour('down');
  const grid = { left: 8, right: 76 };
  const axis = {
    type: 'category',
    data: [],
    boundaryGap: true,
    axisLine: { lineStyle: { color: colour('line') } },
    axisTick: { show: false },
    splitLine: { show: false },
  };
  const writeValue = (/** @type {{value: number}} */ { value }) => write(value);
  return {
    animation: false,
    backgroundColor: 'transparent',
    grid: [
      { ...grid, top: 12, bottom: '24%' },
      { ...grid, top: '80%', bottom: 26 },
    ],
    axisPointer: {
      link: [{ xAxisIndex: 'all' }],
      lineStyle: { color: colour('dim'), type: 'dashed' },
      label: pointer,
    },
    tooltip: { show: true, trigger: 'axis', showContent: false, axisPointer: { type: 'cross' } },
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false }, axisPointer: { label: { show: false } } },
      {
        ...axis,
        gridIndex: 1,
        axisLabel: { ...text, formatter: timeLabel, hideOverlap: true },
        axisPointer: {
          label: {
            formatter: pointerTime,
          },
        },
      },
    ],
    yAxis: [
      {
        position: 'right',
        scale: true,
        boundaryGap: ['4%', '4%'],
        splitNumber: 6,
        axisLabel: { ...text, formatter: write },
        splitLine: { lineStyle: { color: colour('grid') } },
        axisPointer: { label: { formatter: writeValue } },
      },
      {
        gridIndex: 1,
        position: 'right',
        splitNumber: 2,
        axisLabel: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisPointer: { show: false },
      },
    ],
    dataZoom: [{ id: 'window', type: 'inside', xAxisIndex: [0, 1], minValueSpan: leastVisible, filterMode: 'filter' }],
    series: [
      {
        id: 'price',
        type: 'candlestick',
        barMaxWidth: 18,
        itemStyle: { color: up, color0: down, borderColor: up, borderColor0: down, borderColorDoji: colour('dim') },
        markLine: {
          symbol: 'none',
          silent: true,
          animation: false,
          lineStyle: { color: colour('accent'), type: 'dashed', width: 1 },
          label: {
            position: 'end',
            formatter: writeValue,
            backgroundColor: colour('accent'),
            color: colour('on-accent'),
            padding: [3, 9, 3, 6],
            borderRadius: 3,
            fontFamily: font,
            fontSize: 11,
            fontWeight: 600,
          },
          data: [],
        },
        data: [],
      },
      {
        id: 'volume',
        type: 'bar',
        xAxisIndex: 1,
        yAxisIndex: 1,
        barMaxWidth: 18,
        itemStyle: { color: (/** @type {any} */ { value }) => (value[2] < 0 ? down : up), opacity: 0.55 },
        data: [],
      },
    ],
  };
}
