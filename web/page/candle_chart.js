import { clock, date } from './numbers.js';

/** @typedef {import('./bar_series.js').Bar} Bar */
/** @typedef {import('./bar_series.js').BarSeries} BarSeries */

/** Empty places right of the last bar. */
const margin = 3;
const leastVisible = 15;
/** Width of a bar's place on display before the user has chosen a zoom. */
const placePixels = 9;

/**
 * The chart: candles, volume and the line of the last price. ECharts draws; it is given data alone after the first
 * time, and what it is given is as long as the series, so it cannot grow.
 */
export class CandleChart {
  #element;
  /** @type {any} */
  #echarts;
  /** @type {BarSeries | undefined} */
  #series;
  #revision = -1;
  #shape = -1;
  #decimals = 2;
  /** @type {number | undefined} */
  #price;
  /** Bars on display; undefined: as many as fit well. @type {number | undefined} */
  #chosenVisible;
  /** First bar on display while the user looks at the past; undefined: the newest are. @type {number | undefined} */
  #first;
  /** Index of the bar under the pointer. @type {number | undefined} */
  #pointed;
  #onPoint;

  /**
   * @param {HTMLElement} element
   * @param {any} echarts the library
   * @param {() => void} onPoint called when `pointedBar` or `isFollowing` has changed
   */
  constructor(element, echarts, onPoint) {
    this.#element = element;
    this.#onPoint = onPoint;
    this.#echarts = echarts.init(element, null, { renderer: 'canvas' });
    this.#echarts.on('updateAxisPointer', this.#onPointer);
    this.#echarts.on('globalout', () => this.#point(undefined));
    this.#echarts.on('datazoom', this.#onZoom);
    new ResizeObserver(() => this.#resize()).observe(element);
    element.addEventListener('keydown', this.#onKey);
    this.restyle();
  }

  /** The bar under the pointer, else the last. @returns {Bar | undefined} */
  get pointedBar() {
    const bars = this.#series?.bars ?? [];
    return bars[this.#pointed ?? -1] ?? bars[bars.length - 1];
  }

  get #visible() {
    return this.#chosenVisible ?? Math.max(leastVisible, Math.round(this.#element.clientWidth / placePixels));
  }

  get isFollowing() {
    return this.#first === undefined;
  }

  /** @param {BarSeries} series */
  show(series) {
    this.#series = series;
    this.#revision = this.#shape = -1;
    this.#pointed = undefined;
    this.follow();
  }

  /** Goes back to the newest bars. */
  follow() {
    this.#first = undefined;
    this.#setWindow();
    this.#onPoint();
  }

  /**
   * Draws what has changed since the last time.
   * @param {number | undefined} price of the last trade
   * @param {number} decimals
   */
  draw(price, decimals) {
    const series = this.#series;
    if (!series || (series.revision === this.#revision && price === this.#price && decimals === this.#decimals)) {
      return;
    }
    const isNewShape = series.shape !== this.#shape;
    this.#revision = series.revision;
    this.#shape = series.shape;
    this.#price = price;
    this.#decimals = decimals;
    /** @type {any} */
    const option = { series: this.#data(series) };
    if (isNewShape) {
      option.xAxis = [0, 1].map(() => ({ data: this.#categories(series.bars) }));
      option.dataZoom = [this.#window(series.bars.length)];
    }
    this.#echarts.setOption(option, { silent: true });
  }

  /** Takes the colours of the page anew. */
  restyle() {
    const css = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => css.getPropertyValue(`--${name}`).trim();
    const font = getComputedStyle(this.#element).fontFamily;
    this.#echarts.setOption(this.#frame(colour, font), { notMerge: true });
    if (this.#series) {
      this.#revision = this.#shape = -1;
      this.draw(this.#price, this.#decimals);
    }
  }

  /** @param {BarSeries} series */
  #data({ bars }) {
    const line = this.#price ?? bars[bars.length - 1]?.close;
    return [
      {
        id: 'price',
        // ECharts wants open, close, lowest, highest.
        data: bars.map(({ open, close, low, high }) => [open, close, low, high]),
        markLine: { data: line === undefined ? [] : [{ yAxis: line }] },
      },
      { id: 'volume', data: bars.map(({ open, close, volume }, i) => [i, volume ?? 0, close < open ? -1 : 1]) },
    ];
  }

  /** @param {readonly Bar[]} bars */
  #categories(bars) {
    const times = bars.map(({ time }) => String(time));
    return bars.length === 0 ? times : [...times, ...Array.from({ length: margin }, (_, i) => `after${i}`)];
  }

  /** @param {number} count */
  #window(count) {
    const last = count + margin - 1;
    const startValue = this.#first ?? Math.max(0, count - this.#visible);
    return { id: 'window', startValue, endValue: Math.min(last, startValue + this.#visible + margin - 1) };
  }

  #setWindow() {
    if (this.#series) {
      this.#echarts.setOption({ dataZoom: [this.#window(this.#series.bars.length)] });
    }
  }

  #onZoom = () => {
    const count = this.#series?.bars.length ?? 0;
    const { startValue, endValue } = this.#echarts.getOption().dataZoom[0];
    this.#chosenVisible = Math.max(leastVisible, endValue - startValue + 1 - margin);
    this.#first = endValue >= count - 1 ? undefined : startValue;
    this.#onPoint();
  };

  #onPointer = (/** @type {any} */ { axesInfo }) => {
    const axis = axesInfo?.find((/** @type {any} */ info) => info.axisDim === 'x');
    this.#point(axis?.value);
  };

  /** @param {number | undefined} index */
  #point(index) {
    if (this.#pointed !== index) {
      this.#pointed = index;
      this.#onPoint();
    }
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const count = this.#series?.bars.length ?? 0;
    const newest = Math.max(0, count - this.#visible);
    const step = Math.max(1, Math.round(this.#visible / 10));
    switch (event.key) {
      case 'ArrowLeft':
        this.#first = Math.max(0, (this.#first ?? newest) - step);
        break;
      case 'ArrowRight':
        this.#first = (this.#first ?? newest) + step;
        break;
      case '+':
      case '=':
        this.#chosenVisible = Math.max(leastVisible, Math.round(this.#visible / 1.25));
        break;
      case '-':
        this.#chosenVisible = Math.min(Math.max(leastVisible, count), Math.round(this.#visible * 1.25));
        break;
      case 'Home':
        this.#first = 0;
        break;
      case 'End':
        this.#first = undefined;
        break;
      default:
        return;
    }
    event.preventDefault();
    if (this.#first !== undefined && this.#first >= count - this.#visible) {
      this.#first = undefined;
    }
    this.#setWindow();
    this.#onPoint();
  };

  #resize() {
    if (this.#element.clientWidth > 0 && this.#element.clientHeight > 0) {
      this.#echarts.resize();
      this.#setWindow();
    }
  }

  /** How a bar's start is written below the chart. @param {string} category */
  #timeLabel = (/** @type {string} */ category) => {
    const us = Number(category);
    if (!Number.isFinite(us)) {
      return '';
    }
    const time = clock(us);
    return time === '00:00:00' ? date(us).slice(5) : time.endsWith(':00') ? time.slice(0, 5) : time;
  };

  /** The same at the pointer, with its date. @param {{value: string}} at */
  #pointerTime = ({ value }) => {
    const us = Number(value);
    return Number.isFinite(us) ? `${date(us)} ${clock(us)}` : '';
  };

  /**
   * All but the data.
   * @param {(name: string) => string} colour
   * @param {string} font
   */
  #frame(colour, font) {
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
    const write = (/** @type {number} */ value) => this.#write(value);
    const writeValue = (/** @type {{value: number}} */ { value }) => this.#write(value);
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
          axisLabel: { ...text, formatter: this.#timeLabel, hideOverlap: true },
          axisPointer: {
            label: {
              formatter: this.#pointerTime,
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
              padding: [3, 6],
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

  /** @param {number} value */
  #write(value) {
    return value.toLocaleString('en-US', {
      minimumFractionDigits: this.#decimals,
      maximumFractionDigits: this.#decimals,
    });
  }
}
