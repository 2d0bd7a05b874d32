import { setLanguage } from './language.js';

/**
 * What the user chose, kept in this browser: language, theme, colours of up and down, interval. Where nothing may
 * be kept the choice lasts as long as the page.
 * @typedef {object} Choices
 * @property {'en' | 'zh'} language
 * @property {'light' | 'dark' | 'auto'} theme
 * @property {'green' | 'red'} up
 * @property {'1s' | '1m'} interval
 */

const allowed = {
  language: ['en', 'zh'],
  theme: ['auto', 'light', 'dark'],
  up: ['green', 'red'],
  interval: ['1m', '1s'],
};

export class Settings {
  /** @type {Choices} */
  #choices;
  #darkQuery = matchMedia('(prefers-color-scheme: dark)');
  /** @type {Set<(changed: keyof Choices) => void>} */
  #listeners = new Set();

  constructor() {
    this.#choices = {
      language: read('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'),
      theme: read('theme') ?? 'auto',
      up: read('up') ?? 'green',
      interval: read('interval') ?? '1m',
    };
    this.#apply();
    this.#darkQuery.addEventListener('change', () => {
      if (this.#choices.theme === 'auto') {
        this.#told('theme');
      }
    });
  }

  get language() {
    return this.#choices.language;
  }
  get interval() {
    return this.#choices.interval;
  }
  get up() {
    return this.#choices.up;
  }
  /** The theme on display. @returns {'light' | 'dark'} */
  get theme() {
    const { theme } = this.#choices;
    return theme === 'auto' ? (this.#darkQuery.matches ? 'dark' : 'light') : theme;
  }

  /**
   * @template {keyof Choices} Name
   * @param {Name} name
   * @param {Choices[Name]} value
   */
  set(name, value) {
    const isNew = this.#choices[name] !== value;
    this.#choices[name] = value;
    // Also what is on display already is remembered: it may have been suggested only.
    try {
      localStorage.setItem(`tickcast.${name}`, value);
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
    if (isNew) {
      this.#told(name);
    }
  }

  /**
   * Takes a value that seems better for now, where the user has chosen none; it is not remembered.
   * @template {keyof Choices} Name
   * @param {Name} name
   * @param {Choices[Name]} value
   */
  suggest(name, value) {
    if (read(name) === undefined && this.#choices[name] !== value) {
      this.#choices[name] = value;
      this.#told(name);
    }
  }

  /** @param {(changed: keyof Choices) => void} listener called after a choice has taken effect */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** @param {keyof Choices} name */
  #told(name) {
    this.#apply();
    for (const listener of this.#listeners) {
      listener(name);
    }
  }

  #apply() {
    setLanguage(this.#choices.language);
    const root = document.documentElement;
    root.lang = this.#choices.language === 'zh' ? 'zh-CN' : 'en';
    root.dataset.theme = this.theme;
    root.dataset.up = this.#choices.up;
  }
}

/**
 * @template {keyof Choices} Name
 * @param {Name} name
 * @returns {Choices[Name] | undefined}
 */
function read(name) {
  try {
    const value = localStorage.getItem(`tickcast.${name}`);
    return allowed[name].includes(value ?? '') ? /** @type {any} */ (value) : undefined;
  } catch {
    return undefined;
  }
}
