import { expect, test } from 'vitest';
import { UndoStack } from './undo.ts';

test('goes back and forth, step by step', () => {
  const stack = new UndoStack<string>();
  stack.record('a', 'size', 0);
  stack.record('b', 'kernel', 10);
  expect(stack.undo('c')).toBe('b');
  expect(stack.undo('b')).toBe('a');
  expect(stack.undo('a')).toBeNull();
  expect(stack.redo('a')).toBe('b');
  expect(stack.redo('b')).toBe('c');
  expect([stack.redo('c'), stack.canRedo, stack.canUndo]).toEqual([null, false, true]);
});

test('takes quick changes of the same thing as one step', () => {
  const stack = new UndoStack<number>();
  stack.record(1, 'size', 0);
  stack.record(12, 'size', 900);
  stack.record(123, 'size', 1800);
  stack.record(1234, 'size', 5000);
  expect(stack.undo(9)).toBe(1234);
  expect(stack.undo(1234)).toBe(1);
  expect(stack.canUndo).toBe(false);
});

test('a change after an undo forgets the undone', () => {
  const stack = new UndoStack<string>();
  stack.record('a', 'size', 0);
  stack.undo('b');
  stack.record('a', 'size', 10);
  expect(stack.canRedo).toBe(false);
  expect(stack.undo('c')).toBe('a');
});
