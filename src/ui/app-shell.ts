import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import type { App } from '../app/app.ts';
import { formatPercent } from '../app/format-text.ts';
import { isModelFile } from '../app/model-library.ts';
import { isAbort } from '../core/errors.ts';
import { problemOf } from '../app/error-text.ts';
import { receiptFile } from '../app/receipt-text.ts';
import { resultFile } from '../app/results.ts';
import { editedSize } from '../core/edit/plan-edit.ts';
import type { Size } from '../core/geometry.ts';
import { switchMode, switchUnit } from '../app/size-settings.ts';
import { runningFraction } from '../app/status-text.ts';
import { stemOf } from '../app/output-name.ts';
import { copyPicture, readClipboard } from '../platform/clipboard.ts';
import { download, openInTab } from '../platform/files.ts';
import {
  fromFileList,
  fromFolderHandle,
  fromFolderInput,
  fromHandles,
  type GivenFile,
} from '../platform/given-files.ts';
import {
  canPickFolder,
  canPickOpenFiles,
  MODEL_EXTENSION,
  PICTURE_EXTENSIONS,
  pickInputFolder,
  pickPictures,
} from '../platform/pickers.ts';
import { applyTheme, loadTheme, type ThemeChoice } from '../platform/theme.ts';
import { ACTION, type UiAction } from './actions.ts';
import { AppElement } from './app-element.ts';
import { shellCommands } from './commands/shell-commands.ts';
import { listenToKeys } from './commands/keys.ts';
import { CommandController } from './commands/registry.ts';
import { openDialog } from './dialogs.ts';
import './error-boundary.ts';
import { FileIntake } from './file-intake.ts';
import './header-bar.ts';
import { closeProblem, problemStyles, problemView } from './problem-view.ts';
import { sharedStyles } from './shared-styles.ts';
import { StoreController } from './store-controller.ts';
import './welcome-view.ts';
import type { WelcomeView } from './welcome-view.ts';

const TITLE = 'Pro Upscaler';
const ACCEPT = ['image/*', '.json', ...[MODEL_EXTENSION, ...PICTURE_EXTENSIONS].map((e) => `.${e}`)].join(',');

type ResultUse = 'open-result' | 'save-result' | 'save-receipt' | 'copy-result';

/**
 * The whole page: takes files in from everywhere, carries out actions, and shows the welcome or the workspace. What is slotted as `notices` stands
 * in a corner of the welcome, and has a place of its own among the panes of the workspace.
 */
export class AppShell extends AppElement {
  static override properties = {
    app: { attribute: false },
    theme: { state: true },
    loaded: { state: true },
    added: { state: true },
  };

  declare app: App;
  declare protected theme: ThemeChoice;
  /** The workspace's code is here. */
  declare protected loaded: boolean;
  /** That a model was added, in words; empty when none was. */
  declare protected added: string;
  #listening: AbortController | null = null;
  #wasRunning = false;
  #wasEmpty = true;
  readonly #commands: CommandController;
  readonly #intake = new FileIntake(this, (files) => void this.#add(files));

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        height: 100dvh;
      }

      header {
        z-index: 3;
        border-bottom: 1px solid var(--wa-color-surface-border);
        background: var(--wa-color-surface-raised);
      }

      main {
        display: grid;
        min-width: 0;
        min-height: 0;
        overflow: auto;
        /* What has the focus does not hide behind the line with Start. */
        scroll-padding-block-end: 4rem;
      }

      .problem {
        position: fixed;
        z-index: 5;
        inset: auto var(--wa-space-m) var(--wa-space-m);
        width: fit-content;
        max-width: 40rem;
        margin-inline: auto;
      }

      .notices {
        position: fixed;
        z-index: 6;
        inset-block-end: calc(var(--wa-space-m) + env(safe-area-inset-bottom, 0px));
        inset-inline-start: var(--wa-space-m);
        max-width: calc(100vw - 2 * var(--wa-space-m));
      }

      .added {
        padding-inline: var(--wa-space-m);
        text-align: center;
        overflow-wrap: anywhere;
      }

      .overlay {
        position: fixed;
        z-index: 10;
        inset: 0;
        display: grid;
        place-items: center;
        border: 3px solid var(--wa-color-brand-border-loud);
        background: color-mix(in oklab, var(--wa-color-surface-default) 88%, transparent);
        font-size: var(--wa-font-size-xl);
        font-weight: var(--wa-font-weight-bold);
        pointer-events: none;
      }
    `,
  ];

  constructor() {
    super();
    this.theme = loadTheme();
    this.loaded = false;
    this.added = '';
    new StoreController(this, () => [this.app.pictures, this.app.queue, this.app.problem, this.app.locale]);
    this.#commands = new CommandController(this, () =>
      shellCommands({ app: this.app, perform: (action) => void this.#carryOut(action), theme: () => this.theme }),
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener('unhandledrejection', (event) => this.#onFailure(event.reason), { signal });
    window.addEventListener('error', (event) => this.#onFailure(event.error), { signal });
    window.addEventListener('beforeunload', (event) => this.#onLeave(event), { signal });
    listenToKeys(signal);
    signal.addEventListener(
      'abort',
      this.app.presets.subscribe(() => this.#commands.refresh()),
    );
    this.addEventListener(ACTION, (event) => void this.#carryOut((event as CustomEvent<UiAction>).detail), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
  }

  protected override firstUpdated(): void {
    // Where this fails (the page is being left, or the network is away), it is tried again when files come, and told then.
    const ahead = (): unknown => this.#loadWorkspace().catch(() => undefined);
    // Not in every browser.
    if ('requestIdleCallback' in window) requestIdleCallback(ahead);
    else setTimeout(ahead, 300);
  }

  protected override updated(): void {
    const isEmpty = this.app.pictures.pictures.length === 0;
    const welcome = this.renderRoot.querySelector<WelcomeView>('welcome-view');
    // Whatever had the focus went with the last picture.
    if (isEmpty && !this.#wasEmpty) void welcome?.updateComplete.then(() => welcome.focus());
    this.#wasEmpty = isEmpty;
    const fraction = runningFraction(this.app.pictures.pictures);
    const { running } = this.app.queue.value;
    // Where the panes share their place: how far it is, and what comes out of it, is in the list.
    if (running && !this.#wasRunning) this.app.layout.turnTo('queue');
    this.#wasRunning = running;
    const title = fraction === null ? TITLE : `${formatPercent(fraction)} · ${TITLE}`;
    // Even the same words make the browser work out the root's style anew.
    if (title !== document.title) document.title = title;
  }

  async #loadWorkspace(): Promise<void> {
    if (this.loaded) return;
    await import('./workspace-view.ts');
    this.loaded = true;
    this.app.warmUp();
  }

  /** Takes files in, and shows what is wrong with them. */
  take(files: Promise<readonly GivenFile[]>): Promise<void> {
    return this.#add(files);
  }

  async #add(files: Promise<readonly GivenFile[]> | readonly GivenFile[]): Promise<void> {
    try {
      const given = await files;
      await this.#loadWorkspace();
      const model = given.find(({ file }) => isModelFile(file));
      if (model !== undefined) await this.#addModel(model.file);
      await this.app.add(given.filter(({ file }) => !isModelFile(file)));
    } catch (error) {
      this.app.problem.set(problemOf(error));
    }
  }

  /** What became of it stands with the models, which are not to be seen before there is a picture. */
  async #addModel(file: File): Promise<void> {
    this.added = '';
    await this.app.addModel(file);
    if (this.app.pictures.pictures.length > 0) return;
    const { problem } = this.app.models.value;
    this.app.problem.set(problem);
    if (problem === null) this.added = msg(str`The model ${file.name} was added and is chosen for the next pictures.`);
  }

  /** What nobody dealt with: said once, so that the person is not left wondering. Not every event carries an error. */
  #onFailure(error: unknown): void {
    if (error instanceof Error && !isAbort(error)) this.app.problem.set(problemOf(error));
  }

  #onLeave(event: BeforeUnloadEvent): void {
    const { queue, replaced } = this.app;
    if (queue.value.running || replaced.value.kept.length > 0) event.preventDefault();
  }

  async #openFiles(): Promise<void> {
    if (canPickOpenFiles()) {
      const picked = await pickPictures(msg('Pictures'));
      if (picked.kind === 'chosen') await this.#add(fromHandles(picked.value));
      if (picked.kind !== 'unavailable') return;
    }
    this.renderRoot.querySelector('input')!.click();
  }

  async #openSample(): Promise<void> {
    const response = await fetch('./sample.jpg');
    const file = new File([await response.blob()], 'North Point.jpg', { type: 'image/jpeg' });
    await this.#add([{ file, handle: null }]);
  }

  async #paste(): Promise<void> {
    try {
      const files = await readClipboard(new Date());
      if (files.length > 0) return await this.#add(files);
      this.app.problem.set({ message: msg('There is no picture on the clipboard.'), remedy: '' });
    } catch (error) {
      this.app.problem.set(problemOf(error));
    }
  }

  async #openFolder(): Promise<void> {
    if (canPickFolder()) {
      const picked = await pickInputFolder();
      if (picked.kind === 'chosen') await this.#add(fromFolderHandle(picked.value));
      if (picked.kind !== 'unavailable') return;
    }
    this.renderRoot.querySelector<HTMLInputElement>('input[webkitdirectory]')!.click();
  }

  #onInput(event: Event): void {
    const input = event.target as HTMLInputElement;
    // In a promise, so that a folder without pictures is told like any other problem.
    const given = [...(input.files ?? [])];
    const files = Promise.resolve().then(() => (input.webkitdirectory ? fromFolderInput(given) : fromFileList(given)));
    // So that the same file can be chosen again.
    input.value = '';
    void this.#add(files);
  }

  /** The size of the selected picture after its edit; null when there is none. */
  #editedSize(): Size | null {
    const size = this.app.pictures.selected?.size ?? null;
    return size === null ? null : editedSize(size, this.app.settings.value.edit);
  }

  async #carryOut(action: UiAction): Promise<void> {
    const { app } = this;
    const size = app.settings.value.size;
    switch (action.kind) {
      case 'open-files':
        return this.#openFiles();
      case 'open-sample':
        return this.#openSample();
      case 'paste':
        return this.#paste();
      case 'dialog':
        return openDialog(action.dialog, app, this.renderRoot as ShadowRoot);
      case 'open-folder':
        return this.#openFolder();
      case 'select':
        return app.pictures.select(action.id);
      case 'remove':
        return app.remove(action.id);
      case 'clear':
        return app.clear();
      case 'change':
        return app.settings.change(action.change);
      case 'size-mode':
        return app.settings.change({ size: switchMode(size, action.mode, this.#editedSize()) });
      case 'length-unit':
        return app.settings.change({ size: switchUnit(size, action.unit) });
      case 'destination':
        return app.destination.choose(action.destination);
      case 'change-folder':
        return app.destination.changeFolder();
      case 'start':
        return app.start();
      case 'cancel':
        return app.queue.cancel();
      case 'copy-result':
      case 'open-result':
      case 'save-result':
      case 'save-receipt':
        return this.#useResult(action.kind, action.id);
      case 'dismiss-problem':
        // That of a model is with the models, too.
        if (app.problem.value === app.models.value.problem) app.models.dismiss();
        return app.problem.set(null);
      case 'theme':
        this.theme = action.choice;
        return applyTheme(action.choice);
      case 'language':
        return app.locale.choose(action.locale).catch((error: unknown) => app.problem.set(problemOf(error)));
      default:
        return action satisfies never;
    }
  }

  async #useResult(use: ResultUse, id: number): Promise<void> {
    const state = this.app.pictures.find(id)?.state;
    if (state?.kind !== 'done') return;
    const { receipt } = state;
    try {
      if (use === 'save-receipt') {
        download(receiptFile(receipt), `${stemOf(receipt.output.name)}.receipt.json`);
        return;
      }
      if (use === 'copy-result') return await copyPicture(resultFile(state.place));
      const file = await resultFile(state.place);
      if (use === 'open-result') openInTab(file);
      else {
        download(file, receipt.output.name);
        this.app.markSaved(id, state.place);
      }
    } catch (error) {
      this.app.problem.set(problemOf(error));
    }
  }

  /** The same function at each render, which reads the state when it is called. */
  readonly #workspace = (): unknown =>
    html`<workspace-view .app=${this.app}><slot name="notices" slot="notices"></slot></workspace-view>`;

  protected override render(): unknown {
    const { app } = this;
    const { pictures } = app.pictures;
    const working = this.loaded && pictures.length > 0;
    const problem = working ? null : app.problem.value;
    return html`
      <header><header-bar .app=${app} theme=${this.theme} ?working=${working}></header-bar></header>
      <main>
        ${
          working
            ? html`<error-boundary .view=${this.#workspace}
                ><slot name="notices" slot="notices"></slot
              ></error-boundary>`
            : html`<welcome-view></welcome-view>
                <p class="added" role="status">${problem === null ? this.added : ''}</p>
                <div class="notices"><slot name="notices"></slot></div>`
        }
      </main>
      <input
        class="visually-hidden"
        type="file"
        multiple
        accept=${ACCEPT}
        aria-label=${msg('Open pictures')}
        aria-hidden="true"
        tabindex="-1"
        @change=${(event: Event) => this.#onInput(event)}
      />
      <input
        class="visually-hidden"
        type="file"
        webkitdirectory
        aria-label=${msg('Open a folder')}
        aria-hidden="true"
        tabindex="-1"
        @change=${(event: Event) => this.#onInput(event)}
      />
      ${
        problem === null
          ? nothing
          : problemView(
              problem,
              closeProblem(() => void this.#carryOut({ kind: 'dismiss-problem' })),
            )
      }
      ${this.#intake.dragging ? html`<div class="overlay">${msg('Drop to add')}</div>` : nothing}
    `;
  }
}

customElements.define('app-shell', AppShell);
