// The operator's console in Chromium, as its tests drive it, over the made-up server or the real one.

/**
 * Opens the console; `page.faults` gathers what a user's console would show, and requests to other hosts. With a token
 * it is signed in.
 */
export async function openConsole(browser, http, { token, hash = '', ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    locale: 'en-US',
    ...options,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.faults.push(message.text());
  });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== http) page.faults.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(`${http}/${hash}`);
  if (token) {
    await signIn(page, token);
    await fresh(page, 'live');
  }
  return page;
}

export async function signIn(page, token) {
  await page.fill('input[name=token]', token);
  await page.click('.sign-in button');
  await page.waitForSelector('body[data-signed=yes] .page');
}

/** Goes to another address within the console, and waits until it shows something current. */
export async function go(page, hash) {
  await page.evaluate((to) => (location.hash = to), hash);
  const name = hash.replace(/^#\/(\w+).*/, '$1');
  await page.waitForSelector(`.page[data-page=${name}]`);
  await fresh(page, 'live');
}

/** Waits until the console judges what it shows so: `live`, `stale` or `empty`, for this reason if one is given. */
export async function fresh(page, level, reason, timeout = 10_000) {
  await page.waitForFunction(
    ([wanted, why]) => {
      const { freshness, reason: because } = document.documentElement.dataset;
      return freshness === wanted && (!why || because === why);
    },
    [level, reason],
    { timeout },
  );
}

/** The rows of the table on display, as texts by column key. */
export function rows(page) {
  return page.evaluate(() => {
    const keys = [...document.querySelectorAll('.split th[data-key]')].map(({ dataset }) => dataset.key);
    return [...document.querySelectorAll('.split tbody tr:not([hidden])')].map((row) => ({
      row: row.dataset.row,
      ...Object.fromEntries(keys.map((key, i) => [key, row.children[i].textContent])),
    }));
  });
}

/** Presses an action's button and returns the dialog's text. */
export async function ask(page, action, within = '') {
  await page.click(`${within} [data-action=${action}]`.trim());
  await page.waitForSelector('dialog[open]');
  return page.innerText('dialog[open]');
}

/** Confirms the open dialog and waits until what came of it is said. */
export async function confirm(page, level = 'good') {
  await page.click('dialog[open] [type=submit]');
  const toast = page.locator(`.toast[data-level=${level}]`).last();
  await toast.waitFor();
  return (await toast.innerText()).trim();
}
