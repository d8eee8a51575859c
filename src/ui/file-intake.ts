import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { fromDrop, fromPaste, type GivenFile } from '../platform/given-files.ts';

/** Takes files that are dropped or pasted anywhere on the page, while its element is there. */
export class FileIntake implements ReactiveController {
  /** Files are being dragged over the page. */
  dragging = false;
  readonly #host: ReactiveControllerHost;
  readonly #onFiles: (files: Promise<readonly GivenFile[]>) => void;
  #listening: AbortController | null = null;

  /** `onFiles` gets a promise that rejects with an AppError, for a folder without pictures. */
  constructor(host: ReactiveControllerHost, onFiles: (files: Promise<readonly GivenFile[]>) => void) {
    this.#host = host;
    this.#onFiles = onFiles;
    host.addController(this);
  }

  hostConnected(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener('dragover', (event) => this.#onDragOver(event), { signal });
    window.addEventListener('dragleave', (event) => this.#onDragLeave(event), { signal });
    window.addEventListener('drop', (event) => this.#onDrop(event), { signal });
    window.addEventListener('paste', (event) => this.#onPaste(event), { signal });
  }

  hostDisconnected(): void {
    this.#listening?.abort();
  }

  #show(dragging: boolean): void {
    if (dragging === this.dragging) return;
    this.dragging = dragging;
    this.#host.requestUpdate();
  }

  #onDragOver(event: DragEvent): void {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.#show(true);
  }

  #onDragLeave(event: DragEvent): void {
    // Only leaving the window has no element to enter.
    if (event.relatedTarget === null) this.#show(false);
  }

  #onDrop(event: DragEvent): void {
    this.#show(false);
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    this.#onFiles(fromDrop(event.dataTransfer));
  }

  #onPaste(event: ClipboardEvent): void {
    if (event.clipboardData === null || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    this.#onFiles(Promise.resolve(fromPaste(event.clipboardData, new Date())));
  }
}
