import { expect, it } from 'vitest';
import { AppError, fromErrorRecord, refusalError, refusalOf, toErrorRecord } from './errors.ts';
import { plain, say, str } from './text.ts';

it('gives a text in English, with names to choose from and texts within it', () => {
  const reason = say(str`it ends at row ${12000} of ${1500}`);
  const text = say(str`${'a.png'} cannot be read: ${reason}. Choose ${['PNG', 'JPEG', 'TIFF']} or ${1.5}.`);
  expect(plain(text)).toBe('a.png cannot be read: it ends at row 12,000 of 1500. Choose PNG, JPEG or TIFF or 1.5.');
  expect(plain(say('Nothing else.'))).toBe('Nothing else.');
});

it('keeps the texts of an error on the way between threads', () => {
  const message = say(str`${'a.png'} is cut off.`);
  const remedy = say('Get it again.');
  const error = new AppError('bad-input', message, { remedy, values: { name: 'a.png' } });
  expect(error.message).toBe('a.png is cut off.');
  const record = structuredClone(toErrorRecord(error));
  expect(fromErrorRecord(record)).toMatchObject({ remedy: 'Get it again.', texts: { message, remedy } });
  const refusal = structuredClone(refusalOf('bad-input', message, '', {}));
  expect(refusalError(refusal)).toMatchObject({ message: 'a.png is cut off.', texts: { message, remedy: null } });
});
