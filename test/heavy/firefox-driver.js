/**
 * Runs in the app's own page in place of a person, and tells the test by POST. Nothing attaches to the browser: under WebDriver BiDi, Firefox 153
 * now and then never returns from `new Worker` in a worker, on a busy machine in half of all runs, and never without it.
 */
const faults = [];
addEventListener('error', (event) => faults.push(event.message));
addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));
addEventListener('securitypolicyviolation', (event) => faults.push(`${event.violatedDirective}: ${event.blockedURI}`));

const tell = (report) => fetch('/driver/told', { method: 'POST', body: JSON.stringify(report) });
const pause = (ms) => new Promise((later) => setTimeout(later, ms));

async function until(look) {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found) return found;
    await pause(200);
  }
  throw new Error(`It never came: ${look}`);
}

/** The first element that matches, through shadow trees. */
function find(selector, root = document) {
  const found = root.querySelector(selector);
  if (found !== null) return found;
  for (const { shadowRoot } of root.querySelectorAll('*')) {
    const inside = shadowRoot === null ? null : find(selector, shadowRoot);
    if (inside !== null) return inside;
  }
  return null;
}

const states = () => find('app-shell').app.pictures.pictures.map(({ name, state }) => `${name}: ${state.kind}`);

/** What lies in the private storage for pictures that are done, in base64. */
async function results() {
  const outputs = await (await navigator.storage.getDirectory()).getDirectoryHandle('outputs', { create: true });
  const found = [];
  for await (const entry of outputs.values()) {
    const bytes = new Uint8Array(await (await entry.getFile()).arrayBuffer());
    found.push({ name: entry.name, text: btoa(String.fromCharCode(...bytes)) });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

async function enlarge() {
  const input = await until(() => find('input[type=file]:not([webkitdirectory])'));
  const given = new DataTransfer();
  for (const name of ['a.png', 'b.tif', 'c.webp']) {
    given.items.add(new File([await (await fetch(`/driver/${name}`)).blob()], name));
  }
  input.files = given.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => states().length === 3 && states().every((state) => state.endsWith(': ready')));
  (await until(() => find('wa-button[variant=brand]', find('start-bar')?.shadowRoot))).click();
  await until(() => states().every((state) => /: (done|failed)$/.test(state)));
  const ended = { states: states(), results: await results() };
  // What the button of a result asks the page for.
  const shell = find('app-shell');
  const { id } = shell.app.pictures.pictures[0];
  shell.dispatchEvent(new CustomEvent('ui-action', { detail: { kind: 'save-result', id } }));
  await pause(1000);
  return ended;
}

if (sessionStorage.getItem('visited') === null) {
  // The second visit is one that the service worker answers.
  localStorage.setItem(
    'pro-upscaler.settings',
    JSON.stringify({ kernel: 'nearest', size: { mode: 'factor', factor: 3 } }),
  );
  sessionStorage.setItem('visited', 'once');
  await navigator.serviceWorker.ready;
  await until(() => navigator.serviceWorker.controller !== null);
  location.reload();
} else {
  try {
    const outcome = await enlarge();
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    await tell({ isolated: crossOriginIsolated, ...outcome, loaded, faults });
  } catch (error) {
    await tell({ error: String(error), states: states(), faults });
  }
}
