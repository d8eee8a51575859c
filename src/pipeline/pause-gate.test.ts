import { expect, test } from 'vitest';
import { PauseGate } from './pause-gate.ts';

const never = new AbortController().signal;

test('an open gate lets pass, a shut one when it opens', async () => {
  const gate = new PauseGate();
  await gate.pass(never);
  gate.set(true);
  let through = false;
  const waiting = gate.pass(never).then(() => (through = true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(through).toBe(false);
  gate.set(false);
  await waiting;
  expect(through).toBe(true);
});

test('a gate that is opened and shut at once stays shut', async () => {
  const gate = new PauseGate();
  gate.set(true);
  let through = false;
  const waiting = gate.pass(never).then(() => (through = true));
  gate.set(false);
  gate.set(true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(through).toBe(false);
  gate.set(false);
  await waiting;
});

test('an abort ends the waiting', async () => {
  const gate = new PauseGate();
  gate.set(true);
  const control = new AbortController();
  const waiting = gate.pass(control.signal);
  control.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
