/** https://wicg.github.io/manifest-incubations/#beforeinstallpromptevent-interface; Chromium's alone. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<void>;
  readonly userChoice: Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

/**
 * Calls `onOffer` when the browser would install the app, with the function that asks the person (needs a user gesture), and with
 * null when that is over. The offer comes early: listen before the first wait.
 */
export function listenForInstall(onOffer: (install: (() => Promise<void>) | null) => void): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    // The page has a button for it; the browser's own banner would come on top.
    event.preventDefault();
    const { prompt, userChoice } = bound(event as InstallPromptEvent);
    onOffer(async () => {
      await prompt();
      await userChoice();
      // An offer can be taken up once; the browser makes another one if it was dismissed.
      onOffer(null);
    });
  });
  window.addEventListener('appinstalled', () => onOffer(null));
}

const bound = (event: InstallPromptEvent) => ({
  prompt: () => event.prompt(),
  userChoice: () => event.userChoice,
});
