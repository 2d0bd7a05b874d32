import { h, write } from './dom.js';
import { say } from './text.js';

/**
 * @typedef {object} Field something that the person gives with an action
 * @property {string} name
 * @property {string} label
 * @property {'text' | 'number' | 'json' | 'check' | 'choice'} kind
 * @property {string | number | boolean} [value] to begin with
 * @property {number} [min]
 * @property {number} [max]
 * @property {[string, string][]} [choices] value and text
 * @property {string} [hint]
 * @property {boolean} [isNeeded]
 *
 * @typedef {object} Question
 * @property {string} title
 * @property {string} sentence what exactly will happen
 * @property {string} target to whom
 * @property {Field[]} [fields]
 * @property {string} label of the button that does it
 * @property {boolean} [isGrave]
 * @property {string} [warning] that what is seen may be old
 * @property {(values: Record<string, any>) => string} request the very request, for display
 * @property {(values: Record<string, any>) => Promise<void>} run throws what stays on display
 */

/**
 * Asks before something is done, and stays until it is: with the reason where it was refused. Escape and "cancel" do
 * nothing. @param {Question} question
 */
export function ask(question) {
  const { title, sentence, target, fields = [], label, isGrave = false, warning, request, run } = question;
  const inputs = fields.map((field) => ({ field, input: makeInput(field) }));
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const shown = h('code', { class: 'request' });
  const confirm = h('button', { type: 'submit', class: isGrave ? 'grave' : 'prime' }, label);
  const cancel = h('button', { type: 'button', on: { click: () => dialog.close() } }, say('cancel'));
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', {}, title),
    h('p', {}, sentence),
    h('p', { class: 'target' }, target),
    warning ? h('p', { class: 'warning' }, `▲ ${warning}`) : null,
    inputs.map(({ field, input }) => row(field, input)),
    shown,
    fault,
    h('footer', {}, cancel, confirm),
  );
  const dialog = h('dialog', { class: 'ask', 'aria-label': title }, form);
  const values = () => Object.fromEntries(inputs.map(({ field, input }) => [field.name, valueOf(field, input)]));
  const preview = () => {
    try {
      write(shown, request(values()));
      fault.hidden = true;
    } catch (error) {
      fault.hidden = false;
      write(fault, /** @type {Error} */ (error).message);
    }
    confirm.disabled = !fault.hidden;
  };
  form.addEventListener('input', preview);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    write(confirm, say('under_way'));
    try {
      await run(values());
      dialog.close();
    } catch (error) {
      fault.hidden = false;
      write(fault, /** @type {Error} */ (error).message);
      confirm.disabled = false;
      write(confirm, label);
    }
  });
  const opener = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.addEventListener('close', () => {
    dialog.remove();
    opener?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  preview();
  // Nobody should do something grave with one Enter too many.
  (inputs[0]?.input ?? (isGrave ? cancel : confirm)).focus();
}

/** @param {Field} field @param {HTMLElement} input */
function row({ label, hint, kind }, input) {
  const note = hint ? h('small', {}, hint) : null;
  return kind === 'check'
    ? h('label', { class: 'check' }, input, h('span', {}, label, note))
    : h('label', {}, h('span', {}, label), input, note);
}

/** @param {Field} field @returns {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} */
function makeInput({ name, kind, value = '', min, max, choices = [], isNeeded }) {
  if (kind === 'choice') {
    const select = h(
      'select',
      { name },
      choices.map(([choice, text]) => h('option', { value: choice }, text)),
    );
    select.value = String(value);
    return select;
  }
  if (kind === 'json') {
    return h('textarea', { name, rows: '3', spellcheck: 'false', value: String(value) });
  }
  if (kind === 'check') {
    return h('input', { name, type: 'checkbox', checked: value === true });
  }
  return h('input', {
    name,
    type: kind,
    min,
    max,
    value: String(value),
    required: isNeeded,
    autocomplete: 'off',
    spellcheck: 'false',
  });
}

/** The value as the API takes it; undefined: not given. Throws a sentence. @param {Field} field @param {any} input */
function valueOf({ kind, label, min, max }, input) {
  const text = String(input.value).trim();
  if (kind === 'check') {
    return input.checked;
  }
  if (text === '') {
    return undefined;
  }
  if (kind === 'number') {
    const number = Number(text);
    if (!Number.isInteger(number) || number < (min ?? -Infinity) || number > (max ?? Infinity)) {
      throw new Error(say('bad_number', { label, min: min ?? '', max: max ?? '' }));
    }
    return number;
  }
  if (kind === 'json') {
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(say('bad_json', { label }));
    }
  }
  return text;
}
