import { chartFrame } from './chart_frame.js';

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
    return bars[(this.#pointed ?? -1) - this.#offset(bars.length)] ?? bars[bars.length - 1];
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
    // No finer grid than prices have places: two lines would bear the same label.
    const option = { series: this.#data(series), yAxis: [{ minInterval: 10 ** -decimals }] };
    if (isNewShape) {
      option.xAxis = this.#axes(series);
      option.dataZoom = [this.#window(series.bars.length)];
    }
    this.#echarts.setOption(option, { silent: true });
  }

  /** Takes the colours of the page anew. */
  restyle() {
    const css = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => css.getPropertyValue(`--${name}`).trim();
    const font = getComputedStyle(this.#element).fontFamily;
    this.#echarts.setOption(chartFrame({ colour, font, leastVisible, write: (value) => this.#write(value) }), {
      notMerge: true,
    });
    if (this.#series) {
      this.#revision = this.#shape = -1;
      this.draw(this.#price, this.#decimals);
    }
  }

  /** @param {BarSeries} series */
  #data({ bars }) {
    const offset = this.#offset(bars.length);
    const line = this.#price ?? bars[bars.length - 1]?.close;
    return [
      {
        id: 'price',
        // ECharts wants open, close, lowest, highest.
        data: [
          ...Array.from({ length: offset }, () => '-'),
          ...bars.map(({ open, close, low, high }) => [open, close, low, high]),
        ],
        markLine: { data: line === undefined ? [] : [{ yAxis: line }] },
      },
      {
        id: 'volume',
        data: bars.map(({ open, close, volume }, i) => [offset + i, volume ?? 0, close < open ? -1 : 1]),
      },
    ];
  }

  /** @param {readonly Bar[]} bars */
  #categories(bars) {
    return [
      ...Array.from({ length: this.#offset(bars.length) }, (_, i) => `before${i}`),
      ...bars.map(({ time }) => String(time)),
      ...Array.from({ length: margin }, (_, i) => `after${i}`),
    ];
  }

  /** @param {number} count */
  #window(count) {
    const last = this.#offset(count) + count + margin - 1;
    const startValue = this.#first ?? Math.max(0, count - this.#visible);
    return { id: 'window', startValue, endValue: Math.min(last, startValue + this.#visible + margin - 1) };
  }

  /** Empty places left of the first bar: few bars stand at the right, as wide as many would. @param {number} count */
  #offset(count) {
    return Math.max(0, this.#visible - count);
  }

  #setWindow() {
    if (this.#series) {
      this.#revision = this.#shape = -1;
      this.draw(this.#price, this.#decimals);
    }
  }

  /** @param {BarSeries} series */
  #axes({ bars }) {
    const data = this.#categories(bars);
    return [{ data }, { data }];
  }

  #onZoom = () => {
    const count = this.#series?.bars.length ?? 0;
    const offset = this.#offset(count);
    const { startValue, endValue } = this.#echarts.getOption().dataZoom[0];
    this.#chosenVisible = Math.max(leastVisible, endValue - startValue + 1 - margin);
    this.#first = endValue >= offset + count - 1 ? undefined : Math.max(0, startValue - offset);
    // With another zoom few bars have another number of empty places before them.
    if (offset > 0) {
      this.#revision = this.#shape = -1;
      this.draw(this.#price, this.#decimals);
    }
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

  /** @param {number} value */
  #write(value) {
    return value.toLocaleString('en-US', {
      minimumFractionDigits: this.#decimals,
      maximumFractionDigits: this.#decimals,
    });
  }
}
