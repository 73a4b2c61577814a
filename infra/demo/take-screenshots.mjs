// Takes pictures of the pages that a running installation serves, at desktop and phone width, in light and dark.
//
//   infra/cpf demo                                     # or infra/cpf up
//   node infra/demo/take-screenshots.mjs FOLDER [ADDRESS]
//
// ADDRESS is the Matcher's; without one it is that of this checkout. FOLDER receives PAGE-WIDTH-SCHEME.png for each page that there is, and
// gallery.webp for the front page. A headless Chromium draws them (CPF_CHROMIUM names another one). It signs in with the key of this
// checkout, or with that of the variable CPF_KEY.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [folder, given] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node take-screenshots.mjs FOLDER [ADDRESS]');
  process.exit(2);
}
const pages = ['gallery', 'review', 'models', 'overview'];
const sizes = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];
const schemes = ['light', 'dark'];
const patienceMs = 60_000;

const stateOfCheckout = () => {
  const checkout = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
  const state = path.join(process.env.CPF_HOME ?? path.join(checkout, '.cpf'), 'state.json');
  if (!fs.existsSync(state)) {
    console.error('nothing is set up in this checkout: run infra/cpf up');
    process.exit(3);
  }
  return JSON.parse(fs.readFileSync(state, 'utf8'));
};
const address = (given ?? `http://127.0.0.1:${stateOfCheckout().ports.matcher}`).replace(/\/$/, '');
const headers = { Authorization: `Bearer ${process.env.CPF_KEY ?? stateOfCheckout().local_key}` };

/** A headless Chromium, spoken to over a pipe by its DevTools protocol: messages of JSON, each ended by a zero byte. */
class Browser {
  #process;
  #profile = fs.mkdtempSync(path.join(os.tmpdir(), 'screenshots-'));
  #asked = new Map();
  #waiting = [];
  #rest = '';

  constructor() {
    this.#process = spawn(process.env.CPF_CHROMIUM ?? 'chromium', [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', `--user-data-dir=${this.#profile}`, '--remote-debugging-pipe',
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#process.on('error', e => {
      console.error(`no browser (${e.message}): install the package chromium, or set CPF_CHROMIUM`);
      process.exit(3);
    });
    this.#process.stdio[4].setEncoding('utf8').on('data', text => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop();
      messages.map(m => JSON.parse(m)).forEach(m => this.#take(m));
    });
  }

  #take(message) {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.error) asked?.reject(new Error(message.error.message));
    else asked?.resolve(message.result);
    this.#waiting = this.#waiting.filter(w => {
      if (w.method !== message.method || w.sessionId !== message.sessionId) return true;
      w.resolve(message.params);
      return false;
    });
  }

  /** Sends a command and gives what it answers. */
  send(method, params = {}, sessionId = undefined) {
    const id = ++Browser.commands;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** The next event of a kind. */
  next(method, sessionId) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${method} within ${patienceMs / 1000} s`)), patienceMs);
      this.#waiting.push({ method, sessionId, resolve: value => { clearTimeout(timer); resolve(value); } });
    });
  }

  async close() {
    const ended = new Promise(resolve => this.#process.once('exit', resolve));
    this.send('Browser.close').catch(() => {});
    await ended;
    fs.rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  static commands = 0;
}

/** Opens an address in a tab of its own, and hands the tab on when all of its pictures are drawn. */
const inTab = async (browser, url, size, scheme, use) => {
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const tab = (method, params) => browser.send(method, params, sessionId);
  const evaluate = async expression =>
    (await tab('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })).result.value;
  await tab('Page.enable');
  await tab('Network.enable');
  await tab('Network.setExtraHTTPHeaders', { headers });
  await tab('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: size.width < 600 });
  await tab('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  const loaded = browser.next('Page.loadEventFired', sessionId);
  const { errorText } = await tab('Page.navigate', { url });
  if (errorText) throw new Error(`${url}: ${errorText}`);
  await loaded;
  // Pictures below the edge are loaded late; those that will be seen are waited for.
  await evaluate(`Promise.all([...document.images].filter(i => i.getBoundingClientRect().top < innerHeight).map(i => {
    i.loading = 'eager';
    return i.decode().catch(() => {});
  }))`);
  const result = await use(tab, evaluate);
  await browser.send('Target.closeTarget', { targetId });
  return result;
};

const shoot = async (tab, file, format) => {
  const { data } = await tab('Page.captureScreenshot', format);
  fs.writeFileSync(path.join(folder, file), Buffer.from(data, 'base64'));
  console.log(file);
};

/** The pages that this installation has, and the first group of its gallery. */
const findPages = async browser => {
  const there = [];
  for (const name of pages) {
    const answer = await fetch(`${address}/${name}`, { headers });
    if (answer.ok) there.push({ name, path: `/${name}` });
    else if (answer.status !== 404) throw new Error(`${address}/${name}: ${answer.status}`);
  }
  const group = await inTab(browser, `${address}/gallery`, sizes[0], schemes[0], (_, evaluate) =>
    evaluate(`document.querySelector('.group-link')?.getAttribute('href')`));
  return group ? [...there, { name: 'group', path: group }] : there;
};

fs.mkdirSync(folder, { recursive: true });
const browser = new Browser();
try {
  for (const { name, path: at } of await findPages(browser)) {
    for (const size of sizes) {
      for (const scheme of schemes) {
        await inTab(browser, address + at, size, scheme, async tab => {
          await shoot(tab, `${name}-${size.width}-${scheme}.png`, { format: 'png' });
          if (name === 'gallery' && size.width === 1280 && scheme === 'light') {
            await shoot(tab, 'gallery.webp', { format: 'webp', quality: 85 });
          }
        });
      }
    }
  }
} catch (e) {
  console.error(`${e.cause?.code === 'ECONNREFUSED' ? `no answer at ${address}: run infra/cpf up` : e.message}`);
  process.exitCode = 3;
} finally {
  await browser.close();
}
