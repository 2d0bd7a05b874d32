import { h, write } from '../dom.js';
import { say } from '../text.js';

/** The one thing to see while nobody is signed in. @param {import('../session.js').Session} session */
export function signInPanel(session) {
  const input = h('input', {
    type: 'password',
    name: 'token',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-label': say('token'),
    placeholder: say('token'),
  });
  const button = h('button', { type: 'submit', class: 'prime' }, say('sign_in'));
  const why = h('p', { class: 'fault', role: 'alert' });
  const show = () => {
    const { why: reason, message } = session.out;
    write(
      why,
      reason === 'none' || reason === 'signed_out'
        ? ''
        : reason === 'failed'
          ? say('out_failed', { message: message || say('not_reached') })
          : say(`out_${reason}`),
    );
    why.hidden = why.textContent === '';
  };
  const form = h(
    'form',
    {
      class: 'card',
      on: {
        submit: async (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          button.disabled = true;
          const isIn = await session.signIn(input.value);
          button.disabled = false;
          if (!isIn) {
            show();
            input.select();
          }
        },
      },
    },
    h('h1', {}, say('sign_in')),
    h('p', {}, say('sign_in_how')),
    why,
    input,
    button,
    h('p', { class: 'lead' }, say('sign_in_note')),
  );
  show();
  queueMicrotask(() => input.focus());
  return h('div', { class: 'sign-in' }, form);
}
