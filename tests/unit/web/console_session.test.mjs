import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from '../../../web/console/session.js';

function store(kept = {}) {
  return {
    kept,
    getItem: (key) => kept[key] ?? null,
    setItem: (key, value) => (kept[key] = value),
    removeItem: (key) => delete kept[key],
  };
}
const answered = (status, body) => ({ ok: status < 400, status, statusText: '', json: async () => body });
const refused = (status, code, message) => answered(status, { error: { status, code, message } });

function sessionWith(answer, kept) {
  const asked = [];
  const place = store(kept);
  const session = new Session({
    base: 'http://127.0.0.1:9190/below/',
    store: place,
    fetch: async (url, init) => {
      asked.push({ url: String(url), ...init });
      return answer(String(url), init);
    },
  });
  return { session, asked, place };
}

test('the token goes as a header, below the page, and is kept for the tab', async () => {
  const { session, asked, place } = sessionWith(() => answered(200, { name: 'ana', role: 'operator' }));
  assert.equal(await session.signIn('  abc \n'), true);
  assert.equal(asked[0].url, 'http://127.0.0.1:9190/below/api/whoami');
  assert.equal(asked[0].headers.Authorization, 'Bearer abc');
  assert.equal(asked[0].credentials, 'omit');
  assert.deepEqual(place.kept, { 'tickcast.token': 'abc' });
  assert.equal(session.mayAct, true);
  session.signOut();
  assert.deepEqual(place.kept, {});
  assert.equal(session.who, undefined);
});

test('a viewer is signed in and may not act', async () => {
  const { session } = sessionWith(() => answered(200, { name: 'g', role: 'viewer' }));
  await session.signIn('v');
  assert.equal(session.who.name, 'g');
  assert.equal(session.mayAct, false);
});

test('a wrong token, one that is no longer accepted and a server that is away are told apart', async () => {
  const wrong = sessionWith(() => refused(401, 'token', 'not known'));
  assert.equal(await wrong.session.signIn('x'), false);
  assert.equal(wrong.session.out.why, 'wrong');

  const old = sessionWith(() => refused(401, 'token', 'not known'), { 'tickcast.token': 'x' });
  assert.equal(await old.session.resume(), false);
  assert.equal(old.session.out.why, 'expired');
  assert.deepEqual(old.place.kept, {});

  const away = sessionWith(() => Promise.reject(new TypeError('fetch failed')), { 'tickcast.token': 'x' });
  assert.equal(await away.session.resume(), false);
  assert.equal(away.session.out.why, 'failed');
  assert.deepEqual(away.place.kept, { 'tickcast.token': 'x' }, 'a token is not forgotten because the server is away');
});

test('a token that is removed while somebody works signs them out', async () => {
  let isKnown = true;
  const { session } = sessionWith(() =>
    isKnown ? answered(200, { name: 'ana', role: 'operator' }) : refused(401, 'token', 'not known'),
  );
  await session.signIn('x');
  isKnown = false;
  await assert.rejects(session.post('/api/drain', {}), { status: 401 });
  assert.equal(session.who, undefined);
  assert.equal(session.out.why, 'expired');
});

test("a refusal carries the server's sentence, and an answer that is none says its status", async () => {
  let answer = answered(200, { name: 'ana', role: 'operator' });
  const { session } = sessionWith(() => answer);
  await session.signIn('x');
  answer = refused(409, 'conflict', 'nobody restarts it');
  await assert.rejects(session.post('/api/actors/1/restart', {}), {
    status: 409,
    code: 'conflict',
    message: 'nobody restarts it',
  });
  answer = { ok: false, status: 502, statusText: 'Bad Gateway', json: () => Promise.reject(new Error('no JSON')) };
  await assert.rejects(session.get('/api/config'), { status: 502, message: 'HTTP 502 Bad Gateway' });
  assert.ok(session.who, 'only a 401 signs out');
});
