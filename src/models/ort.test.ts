import { expect, test } from 'vitest';
import { runtimeError } from './ort.ts';

test('what the runtime says is told without its codes', () => {
  const words = 'No Op registered for MyOp with domain_version of 17';
  const error = runtimeError(new Error(`Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: ${words}`));
  expect(error.message).toBe(`The model could not be run: ${words}`);
});
