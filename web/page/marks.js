/** The small signs that a price has moved. */

const sparkWidth = 64;
const sparkHeight = 22;

/**
 * Names the sign of a number for the style sheet.
 * @param {number | undefined} value
 * @returns {'up' | 'down' | 'flat'}
 */
export function direction(value) {
  return value === undefined || !(Math.abs(value) > 0) ? 'flat' : value < 0 ? 'down' : 'up';
}

/**
 * The same for a ratio as percent() writes it: what is written as 0.00% is flat.
 * @param {number | undefined} ratio
 */
export function ratioDirection(ratio) {
  return direction(ratio === undefined ? undefined : Math.round(ratio * 10_000));
}

/**
 * Lights an element up for a moment; in steps, for each one costs a paint.
 * @param {HTMLElement} element
 * @param {number} sign
 */
export function flash(element, sign) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    return;
  }
  for (const animation of element.getAnimations()) {
    animation.cancel();
  }
  const backgroundColor = `var(--${sign < 0 ? 'down' : 'up'}-soft)`;
  element.animate([{ backgroundColor }, { backgroundColor: 'transparent' }], { duration: 400, easing: 'steps(4)' });
}

/** The points of a polyline through some prices. @param {number[]} prices */
export function sparkline(prices) {
  if (prices.length < 2) {
    return '';
  }
  const low = Math.min(...prices);
  const range = Math.max(...prices) - low;
  const step = sparkWidth / (prices.length - 1);
  const height = sparkHeight - 4;
  return prices
    .map((value, i) => {
      const up = range === 0 ? 0.5 : (value - low) / range;
      return `${(i * step).toFixed(1)},${(2 + height * (1 - up)).toFixed(1)}`;
    })
    .join(' ');
}
