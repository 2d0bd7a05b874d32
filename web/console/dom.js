/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Makes an element. What comes from the server enters as text or as an attribute, never as markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [given] attributes; `on`: listeners by event; `data`: data attributes; what is false, null
 *   or undefined is left out
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  dress(element, given, children);
  return element;
}

/**
 * The same for a part of a drawing.
 * @param {string} tag
 * @param {Record<string, any>} [given]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function drawn(tag, given = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  dress(element, given, children);
  return element;
}

/** @param {HTMLElement | SVGElement} element @param {Record<string, any>} given @param {(Child | Child[])[]} children */
function dress(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) {
      continue;
    }
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (name === 'data') {
      Object.assign(element.dataset, value);
    } else if (name === 'value') {
      /** @type {HTMLInputElement} */ (element).value = value;
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  fill(element, children);
}

/** Puts these in the place of all that an element has. @param {Element} element @param {(Child | Child[])[]} children */
export function fill(element, children) {
  const nodes = children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false && child !== '');
  element.replaceChildren(
    .../** @type {(Node | string)[]} */ (nodes.map((node) => (node instanceof Node ? node : String(node)))),
  );
}

/** Writes a text where it differs: what stays is not touched, so that a selection in it stays too. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Writes a figure with its exact value. @param {HTMLElement} element @param {import('./format.js').Written} written */
export function writeFigure(element, { text, title = '' }) {
  write(element, text);
  if (element.title !== title) {
    element.title = title;
  }
}

/** @param {Element} element @param {string} name @param {string} value */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}
