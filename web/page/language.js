/** @typedef {'en' | 'zh'} Language */
/** @typedef {Record<string, readonly string[]>} Words English and Chinese of each word; `{name}` is put in by `say` */

/** @type {Language} */
let language = 'en';

/** @param {Language} next */
export function setLanguage(next) {
  language = next;
}

/**
 * The functions that speak from one table of words, in the language that is set.
 * @param {Words} words
 */
export function speaker(words) {
  /** The words for `word`; a word that the table lacks as it stands. @param {string} word @param {Record<string, string | number>} [values] */
  const say = (word, values = {}) => {
    if (!Object.hasOwn(words, word)) {
      return word;
    }
    const pair = words[word];
    return pair[language === 'zh' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
  };
  /** @param {string} word */
  const has = (word) => Object.hasOwn(words, word);

  /**
   * Writes the words into a part of the page: `data-say` names the text of an element, `data-say-label` what it is
   * called by screen readers and on hover, `data-say-hint` what stands in an empty field.
   * @param {ParentNode} root
   */
  const writeWords = (root) => {
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
  };
  return { say, has, writeWords };
}
