import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { PictureList } from '../../app/picture-list.ts';
import type { PictureRow } from './picture-row.ts';

/** Marks a drag of rows; files that are dragged in from outside have a type of their own. */
const TYPE = 'application/x-pro-upscaler-rows';

const rowIn = (event: Event): PictureRow | null =>
  event.composedPath().find((node): node is PictureRow => (node as Element).localName === 'picture-row') ?? null;

/** Lets rows be dragged to another place. What can be dragged can be moved by keys as well (Alt with the arrows). */
export class RowDrag implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #list: () => PictureList;
  #moving: ReadonlySet<number> | null = null;
  #marked: PictureRow | null = null;

  constructor(host: ReactiveControllerHost & HTMLElement, list: () => PictureList) {
    this.#host = host;
    this.#list = list;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener('dragstart', this.#onStart);
    this.#host.addEventListener('dragover', this.#onOver);
    this.#host.addEventListener('drop', this.#onDrop);
    this.#host.addEventListener('dragend', this.#onEnd);
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('dragstart', this.#onStart);
    this.#host.removeEventListener('dragover', this.#onOver);
    this.#host.removeEventListener('drop', this.#onDrop);
    this.#host.removeEventListener('dragend', this.#onEnd);
  }

  readonly #onStart = (event: DragEvent): void => {
    const row = rowIn(event);
    if (row === null || event.dataTransfer === null) return;
    const { chosen } = this.#list().value;
    const { id } = row.picture;
    this.#moving = chosen.has(id) ? chosen : new Set([id]);
    event.dataTransfer.setData(TYPE, String(id));
    event.dataTransfer.effectAllowed = 'move';
  };

  readonly #onOver = (event: DragEvent): void => {
    if (this.#moving === null) return;
    event.preventDefault();
    event.dataTransfer!.dropEffect = 'move';
    const before = this.#rowAfter(event);
    this.#mark(before);
  };

  readonly #onDrop = (event: DragEvent): void => {
    if (this.#moving === null) return;
    event.preventDefault();
    this.#list().move(this.#moving, this.#rowAfter(event)?.picture.id ?? null);
    this.#onEnd();
  };

  readonly #onEnd = (): void => {
    this.#moving = null;
    this.#mark(null);
  };

  /** The row before which a drop would put what is dragged: the one under the pointer, or the next in its lower half. */
  #rowAfter(event: DragEvent): PictureRow | null {
    const row = rowIn(event);
    if (row === null) return null;
    const { top, height } = row.getBoundingClientRect();
    if (event.clientY < top + height / 2) return row;
    const next = row.closest('li')?.nextElementSibling;
    return next?.querySelector('picture-row') ?? null;
  }

  #mark(row: PictureRow | null): void {
    if (row === this.#marked) return;
    this.#marked?.removeAttribute('data-drop');
    row?.setAttribute('data-drop', 'before');
    this.#marked = row;
  }
}
