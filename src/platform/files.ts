/** Long enough for the browser to have begun reading the address. */
const REVOKE_AFTER_MS = 60_000;

function withUrl(blob: Blob, use: (url: string) => void): void {
  const url = URL.createObjectURL(blob);
  use(url);
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}

/** Hands a file to the browser's downloads under this name. */
export function download(blob: Blob, name: string): void {
  withUrl(blob, (url) => {
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
  });
}

/** Shows a file in a new tab. Needs a user gesture, or the browser's pop-up blocker steps in. */
export function openInTab(blob: Blob): void {
  withUrl(blob, (url) => window.open(url, '_blank', 'noopener'));
}
