import './styles.css';
import { App } from './app/app.ts';
import { browserServices } from './app/destination.ts';
import { privateOutputs } from './app/private-outputs.ts';
import { startTheme } from './platform/theme.ts';
import { readProfile } from './codecs/metadata/icc.ts';
import type { AppShell } from './ui/app-shell.ts';
import './ui/app-shell.ts';
import { registerIcons } from './ui/icons.ts';

void privateOutputs.claim();
startTheme();
registerIcons();

const shell = document.createElement('app-shell');
shell.app = new App({
  createUpscaler: async () => new (await import('./index.ts')).Upscaler(),
  storage: localStorage,
  services: browserServices(),
  profileName: (icc) => readProfile(icc)?.name ?? null,
});
document.body.append(shell);

declare global {
  interface HTMLElementTagNameMap {
    'app-shell': AppShell;
  }
}
