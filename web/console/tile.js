import { drawn, h, mark, writeFigure } from './dom.js';
import { say } from './text.js';

const width = 120;
const height = 28;

/** The points of a line that begins at zero: a small change of a large figure looks small. Pure. @param {number[]} values */
export function linePoints(values) {
  if (values.length < 2) {
    return '';
  }
  const most = Math.max(...values, 0) || 1;
  return values
    .map(
      (value, i) =>
        `${((i * width) / (values.length - 1)).toFixed(1)},${(height - 2 - (height - 4) * (Math.max(0, value) / most)).toFixed(1)}`,
    )
    .join(' ');
}

/**
 * One figure with its line over the last minutes.
 * @param {string} key
 * @param {(value: unknown) => import('./format.js').Written} written
 */
export function tile(key, written) {
  const figure = h('b');
  const line = drawn('polyline', { points: '' });
  const most = h('small');
  const element = h(
    'div',
    { class: 'tile', data: { figure: key } },
    h('span', {}, say(`c_${key}`)),
    figure,
    drawn('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, line),
    most,
  );
  return {
    key,
    element,
    /** @param {unknown} value @param {number[]} values */
    draw(value, values) {
      writeFigure(figure, written(value));
      mark(line, 'points', linePoints(values));
      most.textContent = values.length > 1 ? say('most_of', { most: written(Math.max(...values)).text }) : '';
    },
  };
}
