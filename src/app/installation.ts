import { listenForInstall } from '../platform/install.ts';
import { Store } from './store.ts';

/** Asks the person to install the app; null while the browser does not offer it. */
export const installation = new Store<(() => Promise<void>) | null>(null);

/** Begins to listen for the browser's offer; call it before the first wait. */
export const watchInstallation = (): void => listenForInstall((install) => installation.set(install));
