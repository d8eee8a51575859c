import './styles.css';
import { App } from './app/app.ts';
import { Desktop } from './app/desktop.ts';
import { historyStorage } from './cache/history-storage.ts';
import { inputCopies } from './cache/input-copies.ts';
import { journalStorage } from './cache/journal-storage.ts';
import { queueStorage } from './cache/queue-storage.ts';
import { stageStorage } from './cache/stage-storage.ts';
import { browserServices } from './app/destination.ts';
import { JobJournal } from './app/job-journal.ts';
import { libraryPartsOutOfReach, storedParts } from './app/stored-parts.ts';
import { watchInstallation } from './app/installation.ts';
import { privateOutputs } from './app/private-outputs.ts';
import { watchNetwork } from './platform/network-watch.ts';
import { browserPages } from './platform/pages.ts';
import { persistStorage, storageLeft, storageState } from './platform/device.ts';
import { ensureReadable, ensureWritable } from './platform/pickers.ts';
import { startTheme } from './platform/theme.ts';
import { readProfile } from './codecs/metadata/icc.ts';
import type { AppShell } from './ui/app-shell.ts';
import './ui/app-shell.ts';
import type { AppNotices } from './ui/app-notices.ts';
import './ui/app-notices.ts';
import { registerIcons } from './ui/icons.ts';

watchNetwork();
startTheme();
registerIcons();

const app = new App({
  createUpscaler: async () => new (await import('./index.ts')).Upscaler(),
  storage: localStorage,
  languages: navigator.languages,
  services: browserServices(),
  session: {
    storage: queueStorage,
    copies: inputCopies,
    outputs: privateOutputs,
    journal: new JobJournal({ journal: journalStorage, stages: stageStorage, outputs: privateOutputs }),
    pages: browserPages,
    ensureReadable,
    ensureWritable,
  },
  stored: { parts: storedParts, state: storageState, persist: persistStorage },
  history: historyStorage,
  profileName: (icc) => readProfile(icc)?.name ?? null,
  freeBytes: storageLeft,
  outOfReach: libraryPartsOutOfReach,
});
// The browser's offer to install the app comes early.
watchInstallation();
// Without its texts the page speaks English.
await app.locale.start().catch(() => undefined);
const shell = document.createElement('app-shell');
shell.app = app;
const notices = document.createElement('app-notices');
notices.desktop = new Desktop(app);
notices.slot = 'notices';
shell.append(notices);
document.body.append(shell);
for (const change of ['online', 'offline']) addEventListener(change, () => void app.conditions.refresh());
addEventListener('online', () => app.reconnect());
void app.conditions.refresh();
void app.restore();
notices.desktop.start((files) => shell.take(files));

declare global {
  interface HTMLElementTagNameMap {
    'app-notices': AppNotices;
    'app-shell': AppShell;
  }
}
