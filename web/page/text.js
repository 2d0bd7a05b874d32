/** Every word a person reads on the page, in English and Chinese. `{name}` is put in by `say`. */
export const words = {
  title: ['Tickcast', 'Tickcast'],
  tagline: ['live market data', '实时行情'],
  symbols: ['Symbols', '品种'],
  search: ['Search', '搜索'],
  symbol: ['Symbol', '品种'],
  last: ['Last', '最新价'],
  change: ['Change', '涨跌幅'],
  none_found: ['No symbol matches', '没有匹配的品种'],
  no_symbols: ['No symbol has traded yet', '尚无品种成交'],
  symbols_failed: ['The symbol list could not be loaded; trying again', '品种列表加载失败，正在重试'],
  chart: ['Chart', '图表'],
  trades: ['Trades', '成交'],
  last_trades: ['Last trades', '最新成交'],
  time: ['Time', '时间'],
  price: ['Price', '价格'],
  size: ['Size', '数量'],
  bid: ['Bid', '买一'],
  ask: ['Ask', '卖一'],
  spread: ['Spread', '价差'],
  open: ['Open', '开盘'],
  high: ['High', '最高'],
  low: ['Low', '最低'],
  close: ['Close', '收盘'],
  volume: ['Volume', '成交量'],
  o: ['O', '开'],
  h: ['H', '高'],
  l: ['L', '低'],
  c: ['C', '收'],
  v: ['Vol', '量'],
  buy: ['buy', '买入'],
  sell: ['sell', '卖出'],
  quote_panel: ['Best bid and ask', '最优买卖价'],
  vs_previous_close: ['vs previous close', '较昨收'],
  vs_open: ['vs first trade of the day (UTC)', '较当日首笔成交（UTC）'],
  all_basis_previous_close: ['Change against the previous close', '涨跌幅较昨收'],
  all_basis_open: ["Change against the day's first trade (UTC)", '涨跌幅较当日首笔成交（UTC）'],
  last_tick: ['Last tick', '最近行情'],
  ago: ['{age} ago', '{age} 前'],
  interval: ['Interval', '周期'],
  interval_1s: ['1 s', '1秒'],
  interval_1m: ['1 min', '1分'],
  latest: ['Back to the latest bar', '回到最新'],
  chart_help: [
    'Candlestick chart. Arrow keys move, plus and minus zoom, End goes to the latest bar.',
    'K线图。方向键平移，加减键缩放，End 键回到最新。',
  ],
  chart_failed: ['The chart could not be loaded. Prices below are live.', '图表加载失败，其余行情不受影响。'],
  no_bars: ['No bars yet', '暂无K线'],
  theme: ['Switch between light and dark', '切换深色/浅色'],
  language: ['中文', 'EN'],
  language_label: ['切换到中文', 'Switch to English'],
  colours: ['Swap the colours of up and down', '切换涨跌颜色'],
  colours_now_green: ['Up is green', '绿涨红跌'],
  colours_now_red: ['Up is red', '红涨绿跌'],
  simulated: ['Simulated', '模拟行情'],
  simulated_label: ['These prices are made by a simulator, not by a market', '价格由模拟器生成，并非真实市场'],
  connection: ['Connection', '连接'],
  feed: ['Feed', '行情源'],
  connection_idle: ['Not connected', '未连接'],
  connection_connecting: ['Connecting', '连接中'],
  connection_connected: ['Connected', '已连接'],
  connection_reconnecting: ['Reconnecting', '重连中'],
  connection_closed: ['Disconnected', '已断开'],
  feed_none: ['No feed', '无行情源'],
  feed_live: ['Live', '实时'],
  feed_stale: ['Stale', '停滞'],
  feed_gap: ['Gap', '有缺口'],
  feed_down: ['Down', '中断'],
  feed_restarting: ['Restarting', '重启中'],
  feed_quarantined: ['Quarantined', '已隔离'],
  reason_closed: ['Disconnected by the server: {error}. Prices are frozen.', '服务器已断开连接：{error}。价格已冻结。'],
  reason_offline: ['Connection lost, reconnecting. Prices are frozen.', '连接已断开，正在重连。价格已冻结。'],
  reason_connecting: ['Connecting to the server', '正在连接服务器'],
  reason_silent: ['The server does not answer. Prices may be frozen.', '服务器没有响应。价格可能已冻结。'],
  reason_waiting: ['Waiting for current data. Prices are not current.', '正在等待最新数据。当前价格已过时。'],
  reason_feed_stale: ['The feed has gone quiet. Prices are not current.', '行情源已停滞。当前价格已过时。'],
  reason_feed_down: ['The feed is down. Prices are frozen.', '行情源已中断。价格已冻结。'],
  reason_feed_restarting: ['The feed is restarting. Prices are frozen.', '行情源正在重启。价格已冻结。'],
  reason_feed_quarantined: [
    'The server has set this symbol aside after repeated faults. Prices are frozen.',
    '该品种因多次出错已被服务器隔离。价格已冻结。',
  ],
  reason_feed_gap: ['The feed lost messages; trades may be missing.', '行情源丢失了部分消息，成交可能不完整。'],
  reason_symbol_silent: ['This symbol has gone quiet. The price is not current.', '该品种已停滞。当前价格已过时。'],
  reason_no_tick: ['No tick for {age}. The price may be out of date.', '已 {age} 没有行情。价格可能已过时。'],
  reason_no_symbols: ['No symbol has traded yet', '尚无品种成交'],
  reason_no_data: ['Nothing has been received for {symbol} yet', '尚未收到 {symbol} 的行情'],
  reason_refused: ['The server refused {symbol}： {error}', '服务器拒绝了 {symbol}：{error}'],
  bad_hash: ['The address names no valid symbol; showing {symbol}', '地址中的品种无效，已显示 {symbol}'],
  data_time: ['Data time', '行情时间'],
  round_trip: ['Round trip', '往返'],
  updates: ['{count} updates/s', '{count} 条/秒'],
  local_time: ['Local time {zone}', '本地时间 {zone}'],
};

/** @typedef {keyof typeof words} Word */
/** @typedef {'en' | 'zh'} Language */

/** @type {Language} */
let language = 'en';

/** @param {Language} next */
export function setLanguage(next) {
  language = next;
}

/** The words for `word` in the current language. @param {string} word @param {Record<string, string | number>} [values] */
export function say(word, values = {}) {
  const pair = words[/** @type {Word} */ (word)];
  if (!pair) {
    return word;
  }
  return pair[language === 'zh' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/**
 * Writes the words into a part of the page: `data-say` names the text of an element, `data-say-label` what it is
 * called by screen readers and on hover, `data-say-hint` what stands in an empty field.
 * @param {ParentNode} root
 */
export function writeWords(root) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-say]'))) {
    element.textContent = say(/** @type {string} */ (element.dataset.say));
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-say-label]'))) {
    const label = say(/** @type {string} */ (element.dataset.sayLabel));
    element.setAttribute('aria-label', label);
    element.title = label;
  }
  for (const element of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('[data-say-hint]'))) {
    element.placeholder = say(/** @type {string} */ (element.dataset.sayHint));
  }
}
